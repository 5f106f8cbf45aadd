/** Bad days: each ends with one sentence and leaves nothing behind. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { logDirectory } from "#receiver/pipeline/state-directory.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { controlSocket } from "./control-socket.ts";
import { liveTest } from "./live-test.ts";
import { runKerntel } from "./run-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { launcher, runCommand, writeConfig } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

liveTest("a second program on the same state directory is refused and does no harm", async () => {
  const kerntel = await shareKerntel("      dropwatch: {}");
  using directory = makeTemporaryDirectory();
  const config = writeConfig(directory.path, kerntel.stateDirectory);
  const { code, err } = await runKerntel(["run", "--config", config]);
  assert.equal(code, 1);
  assert.match(err, /^kerntel: .*in use by another process/);
  assert.equal((await kerntel.events()).get("dropwatch")?.state, "running");
});

liveTest("a port that is taken ends the start with its number, and nothing stays behind", async () => {
  using directory = makeTemporaryDirectory();
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
  assert.equal(existsSync(controlSocket(stateDirectory)), false);
  // The lock is free again.
  await (await openLocalLog({ directory: logDirectory(stateDirectory) })).close();
});

liveTest("a state directory that cannot be one ends the start with its path", async () => {
  using directory = makeTemporaryDirectory();
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

liveTest(
  "a state directory that another user could change ends the start with what to do",
  async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    const config = writeConfig(directory.path, join(directory.path, "state"));
    for (const [prepare, says] of [
      [
        "mkdir -m 700 state; chown 54321 state",
        /^kerntel: the state directory .*state belongs to user 54321/,
      ],
      ["mkdir -m 777 state", /^kerntel: the state directory .*state can be written by other users: .*`chmod/],
      [
        "mkdir -p -m 700 state other; ln -s ../other state/log",
        /^kerntel: the local log .*log is a symbolic link/,
      ],
      [
        "mkdir -p -m 700 state/log; ln -s /etc state/log/cursors",
        /^kerntel: in the local log, .*cursors is a symbolic/,
      ],
    ] as const) {
      execFileSync("sh", ["-c", `umask 077; rm -rf state other; ${prepare}`], { cwd: directory.path });
      const { code, err } = await runKerntel(["run", "--config", config]);
      assert.equal(code, 1, prepare);
      assert.match(err, says);
      assert.equal(err.trim().split("\n").length, 1);
    }
  },
);

liveTest("a full disk ends the start with a sentence", async () => {
  using directory = makeTemporaryDirectory();
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
    assert.match(err, /^kerntel: .*disk is full.*ENOSPC/);
  } finally {
    execFileSync("umount", [mount]);
  }
});

liveTest("a user that no file knows is no obstacle", () => {
  const user = ["--gid=54321", "--uid=54321", "--shell=/bin/sh", "--", "-c", 'unset HOME; exec "$0" "$@"'];
  const { code, err } = runCommand("capsh", [...user, launcher, "events"]);
  assert.equal(code, 1);
  assert.match(err, /^kerntel: no kerntel is running with the state directory \//);
});
