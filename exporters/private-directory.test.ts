import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test, type TestContext } from "node:test";
import { checkPrivateContent, preparePrivateDirectory } from "./private-directory.ts";

const OTHER_USER = 54_321;
const isRoot = process.geteuid?.() === 0;

let base = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "private-"));
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function prepare(directory: string, mayBeLink = true): Promise<void> {
  return preparePrivateDirectory(directory, { name: "the state directory", mayBeLink });
}

function refused(...says: readonly RegExp[]): (error: Error & { code?: string }) => boolean {
  return ({ code, message }) => {
    assert.equal(code, "DIRECTORY_NOT_PRIVATE");
    for (const each of says) assert.match(message, each);
    assert.doesNotMatch(message, /\n/);
    return true;
  };
}

function needsRoot(context: TestContext): boolean {
  if (!isRoot) context.skip("only root can give a directory to another user");
  return isRoot;
}

test("what is missing is made for this user alone, and passes again", async () => {
  const directory = join(base, "a/b/state");
  await prepare(directory);
  await prepare(directory, false);
  for (const place of ["a", "a/b", "a/b/state"])
    assert.equal(lstatSync(join(base, place)).mode & 0o777, 0o700);
});

for (const mode of [0o700, 0o755, 0o750]) {
  test(`a directory of mode ${mode.toString(8)}, as systemd and Kubernetes make it, passes`, async () => {
    const directory = join(base, "state");
    mkdirSync(directory);
    chmodSync(directory, mode);
    await prepare(directory);
  });
}

test("systemd's link for a dynamic user passes, and one inside of the state directory does not", async () => {
  mkdirSync(join(base, "private/kerntel"), { recursive: true, mode: 0o700 });
  symlinkSync("private/kerntel", join(base, "kerntel"));
  await prepare(join(base, "kerntel"));
  // The same on the way to it, absolute, and with a step back.
  symlinkSync(join(base, "private/../private"), join(base, "way"));
  await prepare(join(base, "way/kerntel"));
  await assert.rejects(
    prepare(join(base, "kerntel"), false),
    refused(/is a symbolic link/, /`state_directory`/),
  );
  await assert.rejects(prepare(join(base, "way/../kerntel"), false), refused(/is a symbolic link/));
});

for (const mode of [0o770, 0o707, 0o1777]) {
  test(`a directory of mode ${mode.toString(8)} is refused, with the command that mends it`, async () => {
    const directory = join(base, "state");
    mkdirSync(directory);
    chmodSync(directory, mode);
    await assert.rejects(
      prepare(directory),
      refused(/can be written by other users/, /`chmod -R go-w \/.*state`/),
    );
    execFileSync("chmod", ["-R", "go-w", directory]);
    await prepare(directory);
  });
}

test("a directory above that others can write is refused, unless it is sticky", async () => {
  mkdirSync(join(base, "shared/state"), { recursive: true });
  chmodSync(join(base, "shared"), 0o777);
  await assert.rejects(
    prepare(join(base, "shared/state")),
    refused(/lies in .*shared, which other users can write/),
  );
  chmodSync(join(base, "shared"), 0o1777);
  await prepare(join(base, "shared/state"));
});

test("what belongs to another user is refused: the directory, one above it, and a link to it", async (context) => {
  if (!needsRoot(context)) return;
  mkdirSync(join(base, "theirs/state"), { recursive: true });
  chownSync(join(base, "theirs/state"), OTHER_USER, OTHER_USER);
  await assert.rejects(
    prepare(join(base, "theirs/state")),
    refused(/belongs to user 54321 and Kerntel runs as user 0/, /`chown -R 0 \/.*state`/),
  );
  execFileSync("chown", ["-R", "0", join(base, "theirs/state")]);
  await prepare(join(base, "theirs/state"));
  chownSync(join(base, "theirs"), OTHER_USER, OTHER_USER);
  await assert.rejects(
    prepare(join(base, "theirs/state")),
    refused(/lies in .*theirs, which belongs to user 54321/),
  );
  mkdirSync(join(base, "ours"));
  symlinkSync(join(base, "ours"), join(base, "link"));
  lchownSync(join(base, "link"), OTHER_USER, OTHER_USER);
  await assert.rejects(prepare(join(base, "link")), refused(/a symbolic link of user 54321/));
});

test("another user than root may have the directory below those of root", (context) => {
  if (!needsRoot(context)) return;
  chmodSync(base, 0o755);
  mkdirSync(join(base, "state"), { mode: 0o700 });
  chownSync(join(base, "state"), OTHER_USER, OTHER_USER);
  const script = `
    import { preparePrivateDirectory } from ${JSON.stringify(join(import.meta.dirname, "private-directory.ts"))};
    process.setgroups([]);
    process.setgid(${OTHER_USER});
    process.setuid(${OTHER_USER});
    await preparePrivateDirectory(${JSON.stringify(join(base, "state"))}, { name: "it", mayBeLink: true });`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});

test("links that lead in a circle, and a file in the way, are the file system's errors", async () => {
  symlinkSync("two", join(base, "one"));
  symlinkSync("one", join(base, "two"));
  await assert.rejects(prepare(join(base, "one/state")), { code: "ELOOP" });
  writeFileSync(join(base, "file"), "");
  await assert.rejects(prepare(join(base, "file/state")), { code: "ENOTDIR" });
});

for (const [what, plant, says] of [
  ["a link", (place: string) => symlinkSync("/etc/shadow", place), /is a symbolic link: remove it/],
  [
    "a pipe",
    (place: string) => execFileSync("sh", ["-c", 'mkfifo "$0"', place]),
    /is neither a file nor a directory/,
  ],
  ["a file that all can write", writeOpen, /can be written by other users/],
  ["a file of another user", writeTheirs, /belongs to user 54321/],
] as const) {
  test(`content is refused where there is ${what} in it, however deep`, async (context) => {
    if (plant === writeTheirs && !needsRoot(context)) return;
    mkdirSync(join(base, "segments/one"), { recursive: true });
    writeFileSync(join(base, "segments/one/000001.ldb"), "");
    await checkPrivateContent(base, "the local log");
    plant(join(base, "segments/one/planted"));
    await assert.rejects(
      checkPrivateContent(base, "the local log"),
      refused(/^in the local log, .*planted /, says),
    );
  });
}

test("content that others can read is closed to them", async () => {
  mkdirSync(join(base, "segments"), { mode: 0o755 });
  writeFileSync(join(base, "segments/000001.ldb"), "", { mode: 0o644 });
  await checkPrivateContent(base, "the local log");
  assert.equal(lstatSync(join(base, "segments")).mode & 0o777, 0o700);
  assert.equal(lstatSync(join(base, "segments/000001.ldb")).mode & 0o777, 0o600);
});

function writeOpen(place: string): void {
  writeFileSync(place, "");
  chmodSync(place, 0o666);
}

function writeTheirs(place: string): void {
  writeFileSync(place, "");
  chownSync(place, OTHER_USER, OTHER_USER);
}
