import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { controlName, controlPaths } from "./path.ts";
import { prepareControlPlace } from "./run-directory.ts";
import type { ControlPlace } from "./run-directory.ts";

const GROUP = 54_321;
const isRoot = process.geteuid?.() === 0;
const ownGroup = process.getegid?.() ?? 0;

let base = "";
let lines: string[] = [];
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "kerntel-run-"));
  mkdirSync(join(base, "state"), { mode: 0o700 });
  writeFileSync(join(base, "group"), `root:x:0:\nkerntel:x:${GROUP}:somebody\n`);
  lines = [];
});
afterEach(() => {
  rmSync(base, { recursive: true });
});

function prepare(options: Partial<Parameters<typeof prepareControlPlace>[0]> = {}): Promise<ControlPlace> {
  return prepareControlPlace({
    uid: 0,
    stateDirectory: join(base, "state"),
    systemDirectory: join(base, "run/kerntel"),
    groupFile: join(base, "none"),
    write: (line) => lines.push(line),
    ...options,
  });
}

test("root's socket is in the system's directory, which is closed to others, under the name of the state directory", async (context) => {
  if (!isRoot) return context.skip("only root has the system's directory");
  mkdirSync(join(base, "run"));
  const { path, groupId } = await prepare();
  assert.equal(path, join(base, "run/kerntel", controlName(join(base, "state"))));
  assert.equal(groupId, undefined);
  const { mode, gid } = lstatSync(join(base, "run/kerntel"));
  assert.deepEqual([mode & 0o777, gid], [0o750, ownGroup]);
  assert.deepEqual(lines, []);
});

test("the group that there is gets the system's directory, and loses it where it is gone", async (context) => {
  if (!isRoot) return context.skip("only root can give a directory to a group");
  mkdirSync(join(base, "run"));
  assert.equal((await prepare({ groupFile: join(base, "group") })).groupId, GROUP);
  const directory = join(base, "run/kerntel");
  assert.deepEqual([lstatSync(directory).mode & 0o777, lstatSync(directory).gid], [0o750, GROUP]);
  // As systemd makes it by `RuntimeDirectory=`.
  chmodSync(directory, 0o755);
  await prepare();
  assert.deepEqual([lstatSync(directory).mode & 0o777, lstatSync(directory).gid], [0o750, ownGroup]);
});

test("where the system's directory cannot be made the socket is below the state directory, and a line says so", async () => {
  const { path } = await prepare();
  assert.equal(path, join(base, "state/run/kerntel.sock"));
  assert.equal(statSync(join(base, "state/run")).mode & 0o777, 0o700);
  assert.match(
    lines.join(""),
    /the control socket is in .*state\/run: .*run\/kerntel cannot be made: .*ENOENT/,
  );
  // Nothing above it is made either.
  assert.equal(existsSync(join(base, "run")), false);
});

test("other users have it below the state directory, without a word", async () => {
  const { path, groupId } = await prepare({ uid: 1000 });
  assert.deepEqual([path, groupId, lines], [join(base, "state/run/kerntel.sock"), undefined, []]);
});

test("a directory of the user's choice keeps its mode where it was there before", async () => {
  const chosen = join(base, "chosen");
  mkdirSync(chosen, { mode: 0o700 });
  const name = controlName(join(base, "state"));
  assert.equal((await prepare({ runDirectory: chosen })).path, join(chosen, name));
  assert.equal(statSync(chosen).mode & 0o777, 0o700);
  assert.equal((await prepare({ runDirectory: join(base, "new") })).path, join(base, "new", name));
  assert.equal(statSync(join(base, "new")).mode & 0o777, 0o750);
});

test("a directory that others could change is refused, with the variable that chooses another", async (context) => {
  const chosen = join(base, "chosen");
  mkdirSync(chosen);
  chmodSync(chosen, 0o777);
  await assert.rejects(prepare({ runDirectory: chosen }), {
    code: "DIRECTORY_NOT_PRIVATE",
    message: /^the run directory .*chosen can be written by other users/,
  });
  if (!isRoot) return context.skip("only root can give a directory to another user");
  mkdirSync(join(base, "theirs/chosen"), { recursive: true });
  chownSync(join(base, "theirs"), GROUP, GROUP);
  await assert.rejects(prepare({ runDirectory: join(base, "theirs/chosen") }), {
    message: /lies in .*theirs, which belongs to user 54321: set `KERNTEL_RUN_DIR`/,
  });
});

test("a socket that a killed receiver of an earlier version left in the state directory is removed", async () => {
  const path = join(base, "state/kerntel.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["--eval", script]);
  assert.ok(lstatSync(path).isSocket());
  await prepare();
  assert.equal(existsSync(path), false);
});

test("state directories have names that differ, and the system's is short", () => {
  assert.equal(controlName("/var/lib/kerntel"), "kerntel.sock");
  assert.equal(controlName("/var/lib/../lib/kerntel/"), "kerntel.sock");
  const digits = createHash("sha256").update("/srv/kerntel").digest("hex").slice(0, 16);
  assert.equal(controlName("/srv/kerntel"), `${digits}.sock`);
  assert.notEqual(controlName("/srv/kerntel"), controlName("/srv/kerntel2"));
});

test("commands look where the receiver may be: the user's most likely place first, links followed, earlier versions last", () => {
  const state = join(base, "state");
  const [name, earlier] = [controlName(state), join(state, "kerntel.sock")];
  const own = join(state, "run/kerntel.sock");
  assert.deepEqual(controlPaths(state, { uid: 0 }), [`/run/kerntel/${name}`, own, earlier]);
  assert.deepEqual(controlPaths(state, { uid: 1000, runDirectory: "" }), [
    own,
    `/run/kerntel/${name}`,
    earlier,
  ]);
  assert.deepEqual(controlPaths(state, { uid: 0, runDirectory: "/r" }), [`/r/${name}`, earlier]);
  symlinkSync("state", join(base, "link"));
  assert.ok(controlPaths(join(base, "link"), { uid: 0 }).includes(`/run/kerntel/${name}`));
});
