/** Good and bad days of the program as a whole, on the running kernel. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dropDatagrams } from "../provoke/drop.ts";
import { assertBooksClose } from "./assertions.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, runKerntel } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const unlimited = "      dropwatch: { limit_per_second: 0 }";

function makeDirectory(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "kerntel-live-"));
  return {
    path,
    [Symbol.dispose]: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

function writeConfig(directory: string, stateDirectory: string, port = 0): string {
  const path = join(directory, "kerntel.yaml");
  writeFileSync(
    path,
    `file_format: "1.0"
meter_provider:
  readers: [{ pull: { exporter: { prometheus/development: { host: 127.0.0.1, port: ${port} } } } }]
distribution: { kerntel: { state_directory: "${stateDirectory}" } }
`,
  );
  return path;
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  liveTest(`${signal} stores what was seen, takes everything down and ends with 0`, async () => {
    await using kerntel = await RunningKerntel.start({ events: unlimited });
    assert.match(kerntel.err, /^EVENT +STATE +HOOK OR REASON\n(?:dropwatch|oom) +running +tp_btf\//);
    await dropDatagrams("udp4", 20);
    assert.equal(await kerntel.stop(signal), 0);
    assert.equal(existsSync(`/proc/${kerntel.pid}`), false);
    assert.equal(existsSync(join(kerntel.stateDirectory, "kerntel.sock")), false);
    // Nobody runs now, so this reads the files.
    assert.ok((await kerntel.query("--event", "dropwatch")).length >= 20);
  });
}

liveTest("after kill -9 everything that was committed is there, and nothing twice", async () => {
  using directory = makeDirectory();
  const stateDirectory = join(directory.path, "state");
  let before: StoredLine[];
  {
    await using kerntel = await RunningKerntel.start({ events: unlimited, stateDirectory });
    await dropDatagrams("udp4", 300);
    await assertBooksClose(kerntel, "dropwatch");
    before = await kerntel.stored({});
    await kerntel.stop("SIGKILL");
  }
  await using again = await RunningKerntel.start({ events: unlimited, stateDirectory });
  const after = await again.stored({});
  assert.deepEqual(after.slice(0, before.length), before);
  assert.equal(new Set(after.map(({ uid }) => uid)).size, after.length);
  const uids = after.map(({ uid }) => uid);
  assert.deepEqual(uids, uids.toSorted());
  await dropDatagrams("udp4", 1);
  await waitUntil("records after the restart", async () =>
    (await again.stored({})).length > after.length ? true : undefined,
  );
});

liveTest("the log is asked by event, time and number, oldest first", async () => {
  await using kerntel = await RunningKerntel.start({ events: unlimited });
  await dropDatagrams("udp4", 30);
  await assertBooksClose(kerntel, "dropwatch");
  const all = await kerntel.query();
  const times = all.map(({ observedTime }) => observedTime);
  assert.deepEqual(times, times.toSorted());
  assert.deepEqual(await kerntel.query("--limit", "3"), all.slice(0, 3));
  const middle = all[15]?.time ?? "";
  const since = await kerntel.query("--since", middle);
  assert.ok(since.length > 0 && since.length <= all.length);
  assert.ok(since.every(({ time }) => time.slice(0, 23) >= middle.slice(0, 23)));
  assert.deepEqual(await kerntel.query("--event", "oom"), []);
  assert.deepEqual(await kerntel.query("--since", "1h"), all);
  const { out } = await runKerntel(["query", "--config", kerntel.configPath, "--limit", "1"]);
  assert.match(out, /^\d\d:\d\d:\d\d\.\d{3} +WARN +kerntel\.dropwatch +\S+ +Packet dropped/);
});

liveTest("what others may not read is the owner's alone", async () => {
  await using kerntel = await RunningKerntel.start();
  assert.equal(statSync(kerntel.stateDirectory).mode & 0o777, 0o700);
  assert.equal(statSync(join(kerntel.stateDirectory, "kerntel.sock")).mode & 0o777, 0o600);
});

liveTest("a second program on the same state directory is refused and does no harm", async () => {
  await using kerntel = await RunningKerntel.start();
  using directory = makeDirectory();
  const config = writeConfig(directory.path, kerntel.stateDirectory);
  const { code, err } = await runKerntel(["run", "--config", config]);
  assert.equal(code, 1);
  assert.match(err, /^kerntel: .*in use by another process/);
  assert.equal((await kerntel.reports()).get("dropwatch")?.state, "running");
});

liveTest("a port that is taken ends the start with its number, and nothing stays behind", async () => {
  using directory = makeDirectory();
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const stateDirectory = join(directory.path, "state");
  const { code, err } = await runKerntel([
    "run",
    "--config",
    writeConfig(directory.path, stateDirectory, port),
  ]);
  server.close();
  assert.equal(code, 1);
  assert.match(err, new RegExp(`^kerntel: .*127\\.0\\.0\\.1:${port}`));
  assert.equal(existsSync(join(stateDirectory, "kerntel.sock")), false);
  // The lock is free again.
  assert.equal((await runKerntel(["query"], { KERNTEL_STATE_DIR: stateDirectory })).code, 0);
});

liveTest("a state directory that cannot be one ends the start with its path", async () => {
  using directory = makeDirectory();
  const file = join(directory.path, "file");
  writeFileSync(file, "");
  const { code, err } = await runKerntel([
    "run",
    "--config",
    writeConfig(directory.path, join(file, "state")),
  ]);
  assert.equal(code, 1);
  assert.match(err, /^kerntel: .*file\/state/);
});

liveTest("a full disk ends the start with a sentence", async () => {
  using directory = makeDirectory();
  const mount = join(directory.path, "disk");
  mkdirSync(mount);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", mount]);
  try {
    execFileSync("dd", ["if=/dev/zero", `of=${join(mount, "filler")}`, "bs=1k", "count=64"], {
      stdio: "ignore",
    });
    const { code, err } = await runKerntel([
      "run",
      "--config",
      writeConfig(directory.path, join(mount, "state")),
    ]);
    assert.equal(code, 1);
    assert.match(err, /^kerntel: .*full disk/);
  } finally {
    execFileSync("umount", [mount]);
  }
});

liveTest("without its capabilities the program says which, for which events, and ends with 1", () => {
  using directory = makeDirectory();
  const config = writeConfig(directory.path, join(directory.path, "state"));
  const launcher = join(import.meta.dirname, "../../kerntel");
  const { code, err } = runKerntelWithout("cap_bpf,cap_sys_admin", [launcher, "run", "--config", config]);
  assert.equal(code, 1);
  assert.match(
    err,
    /kerntel: missing CAP_BPF: run as root or grant it; without it these events cannot run: dropwatch, oom/,
  );
  assert.match(err, /dropwatch +unsupported/);
});

liveTest("an event that is switched off is shown as such and counts nothing", async () => {
  await using kerntel = await RunningKerntel.start({ events: "      dropwatch: { enabled: false }" });
  await dropDatagrams("udp4", 5);
  const events = await kerntel.reports();
  assert.equal(events.get("dropwatch")?.state, "disabled");
  assert.equal(events.get("dropwatch")?.["seen"], 0);
  assert.equal(events.get("oom")?.state, "running");
});

function runKerntelWithout(capabilities: string, command: readonly string[]): { code: number; err: string } {
  try {
    execFileSync(
      "capsh",
      [`--drop=${capabilities}`, "--shell=/bin/sh", "--", "-c", 'exec "$0" "$@"', ...command],
      {
        stdio: "pipe",
      },
    );
    return { code: 0, err: "" };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { code: status, err: stderr.toString("utf8") };
  }
}
