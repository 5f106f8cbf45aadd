/** A user who fills the file system of the state directory, by its bytes or by its inodes, in a directory that is everybody's. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assertBooksClose } from "../live/assertions.ts";
import { RunningKerntel } from "../live/running-kerntel.ts";
import { makeTemporaryDirectory } from "../live/temporary-directory.ts";
import { waitUntil } from "../live/wait-until.ts";
import { dropDatagrams } from "../provoke/drop.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

export type Filling = "bytes" | "inodes";

export interface FilledFileSystem {
  /** Files that the user made. */
  readonly files: number;
  /** Of drops, by what became of them while there was no room, and until the accounting closed. */
  readonly seen: number;
  readonly stored: number;
  readonly refused: number;
  /** Stored once there was room again. */
  readonly storedAgain: number;
}

const events = `      dropwatch: { limit_per_second: 0, window_seconds: 0 }`;

/** `process.argv`: directory, bytes of each file. Ends where there is no room, and goes on whenever there is some again. */
const source = `
import { writeFileSync } from "node:fs";
const [, directory, size] = process.argv;
const content = Buffer.alloc(Number(size));
for (let number = 0; ; ) {
  try {
    writeFileSync(\`\${directory}/\${number}\`, content);
    number++;
  } catch {
    console.log("full");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
}`;

/** Throws where the accounting does not close, or nothing is stored afterwards. `rounds`: of 300 drops each. */
export async function fillFileSystem(filling: Filling, rounds: number): Promise<FilledFileSystem> {
  using directory = makeTemporaryDirectory();
  chmodSync(directory.path, 0o755);
  const disk = join(directory.path, "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m,nr_inodes=4096,mode=755", "tmpfs", disk]);
  try {
    const everybodys = join(disk, "everybodys");
    mkdirSync(everybodys);
    chmodSync(everybodys, 0o1777);
    return await fill({ disk, everybodys, filling, rounds });
  } finally {
    execFileSync("umount", ["-l", disk]);
  }
}

interface FillOptions {
  readonly disk: string;
  readonly everybodys: string;
  readonly filling: Filling;
  readonly rounds: number;
}

async function fill({ disk, everybodys, filling, rounds }: FillOptions): Promise<FilledFileSystem> {
  await using user = await UnprivilegedUser.enter();
  await using kerntel = await RunningKerntel.start({
    events,
    stateDirectory: join(disk, "state"),
    // Little room in memory, so that what cannot be written is refused soon.
    sections:
      "logger_provider:\n  processors:\n    - batch: { max_queue_size: 600, exporter: { pouchdb: {} } }",
  });
  const attack = user.node(source, {
    args: [everybodys, filling === "bytes" ? "16384" : "0"],
    limitMs: 110_000,
  });
  await waitUntil("no room", () => attack.out().includes("full") || undefined);
  const files = readdirSync(everybodys).length;
  for (let round = 0; round < rounds; round++) await dropDatagrams("udp4", 300);
  await attack.stop();
  rmSync(everybodys, { recursive: true });
  const { seen, stored, refused } = await assertBooksClose(kerntel, "dropwatch");
  await dropDatagrams("udp4", 20);
  const storedAgain = await waitUntil("records to be stored again", async () => {
    const now = Number((await kerntel.reports()).get("dropwatch")?.["stored"]) - Number(stored);
    return now >= 20 ? now : undefined;
  });
  return { files, seen: Number(seen), stored: Number(stored), refused: Number(refused), storedAgain };
}
