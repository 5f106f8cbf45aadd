/** What the provocations promise themselves: that they raise what they say, and leave nothing. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { makeFailingDisk } from "../provoke/block-error.ts";
import type { Held } from "../provoke/fixtures/hold-everything.ts";
import { WatchedShell } from "../provoke/watched-shell.ts";
import { liveTest } from "./live-test.ts";
import { waitUntil } from "./wait-until.ts";

const fixture = fileURLToPath(new URL("../provoke/fixtures/hold-everything.ts", import.meta.url));

liveTest("a disk fails when it is asked to", async () => {
  await using disk = await makeFailingDisk();
  assert.match(disk.device, /^\/dev\/loop\d+$/);
  assert.match(await disk.read(), /I\/O error|Input\/output error/);
});

liveTest("a test that is killed leaves no task, no cgroup, no mount and no loop device", async () => {
  const child = spawn(process.execPath, [fixture], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const held = JSON.parse(line.toString("utf8")) as Held;
  const isThere = (): boolean[] => [
    existsSync(held.cgroup),
    existsSync(dirname(held.cgroup)),
    existsSync(`/proc/${held.sleeper}`),
    existsSync(`/proc/${held.hung}`),
    existsSync(`/sys/block/${held.disk}/loop`),
  ];
  try {
    assert.deepEqual(isThere(), [true, true, true, true, true]);
  } finally {
    child.kill("SIGKILL");
  }
  await waitUntil("all to be taken back", () => !isThere().includes(true) || undefined);
});

liveTest("what cannot be made says why, and has taken back what it made before", async () => {
  await assert.rejects(
    WatchedShell.start(
      "nothing comes of it",
      "trap 'echo gone >&2' EXIT; echo no such thing >&2; exit 1",
      [],
    ),
    { code: "CANNOT_PROVOKE", message: "nothing comes of it: gone" },
  );
  await assert.rejects(WatchedShell.start("nothing", "kill -9 $$", []), { message: "nothing: " });
});
