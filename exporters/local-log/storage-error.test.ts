/** The sentence and the code of what really goes wrong when the log is opened: each fault is made, none is pretended. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test, type TestContext } from "node:test";
import { openLocalLog } from "./local-log.ts";
import { explainStorageError } from "./storage-error.ts";

function makeDirectory(context: TestContext): string {
  const directory = mkdtempSync(path.join(tmpdir(), "storage-error-"));
  context.after(() => {
    // Where something is mounted on it; it is no error where nothing is.
    spawnSync("umount", ["-l", directory]);
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

/** Mounts a tmpfs with these options; skips where that is not allowed. */
function mountSmall(context: TestContext, options: string): string | undefined {
  const directory = makeDirectory(context);
  if (spawnSync("mount", ["-t", "tmpfs", "-o", options, "tmpfs", directory]).status !== 0) {
    context.skip("a tmpfs could not be mounted here (needs root)");
    return undefined;
  }
  return directory;
}

test("a process that has no file left to open says so, and not that another process has the log", (context) => {
  const directory = makeDirectory(context);
  const script = `
    import { closeSync, openSync } from "node:fs";
    import { openLocalLog } from ${JSON.stringify(path.join(import.meta.dirname, "local-log.ts"))};
    const directory = ${JSON.stringify(directory)};
    // Everything is loaded and made by now.
    await (await openLocalLog({ directory })).close();
    try { for (;;) openSync("/dev/null"); } catch {}
    const { code, message } = await openLocalLog({ directory }).catch((error) => error);
    closeSync(20);
    process.stdout.write(code + " " + message);`;
  const command = 'ulimit -n 128; exec "$0" --input-type=module -e "$1"';
  const { stdout } = spawnSync("sh", ["-c", command, process.execPath, script], { encoding: "utf8" });
  assert.match(
    stdout,
    /^LOCAL_LOG_NO_RESOURCES The local log in .* cannot be kept: .*files open.*\(EMFILE\)\.$/,
  );
});

for (const [what, options, code, says] of [
  ["without an inode left", "nr_inodes=3", "LOCAL_LOG_DISK_FULL", /no inode is left \(ENOSPC\)/],
  ["that is mounted read-only", "ro", "LOCAL_LOG_NOT_WRITABLE", /mounted read-only \(EROFS\)/],
] as const) {
  test(`a file system ${what} is named as the cause`, async (context) => {
    const directory = mountSmall(context, `size=1m,${options}`);
    if (directory === undefined) return;
    await assert.rejects(openLocalLog({ directory: path.join(directory, "log") }), { code, message: says });
  });
}

// An NFS server without its lock service cannot be had in a test; this is what LevelDB passes on there.
for (const [text, code] of [
  ["IO error: /l/cursors/LOCK: No locks available", "LOCAL_LOG_NO_RESOURCES"],
  ["IO error: /l/cursors/LOCK: Resource temporarily unavailable", "LOCAL_LOG_LOCKED"],
  ["IO error: lock /l/cursors/LOCK: already held by process", "LOCAL_LOG_LOCKED"],
  ["IO error: /l/cursors/LOCK: Permission denied", "LOCAL_LOG_NOT_WRITABLE"],
  ["IO error: /l/cursors/LOCK: Too many open files in system", "LOCAL_LOG_NO_RESOURCES"],
  ["IO error: /l/000012.ldb: Cannot allocate memory", "LOCAL_LOG_NO_RESOURCES"],
  ["IO error: /l/000012.ldb: Input/output error", "LOCAL_LOG_DAMAGED"],
  ["IO error: /l/MANIFEST-000002: No such file or directory", "LOCAL_LOG_DAMAGED"],
  ["Corruption: 2 missing files; e.g.: /l/000005.ldb", "LOCAL_LOG_DAMAGED"],
  ["something new", "LOCAL_LOG_FAILED"],
] as const) {
  test(`"${text}" is ${code}`, () => {
    const explained = explainStorageError(new Error(text), "/l");
    assert.equal(explained.code, code);
    assert.match(explained.message, /^The local log in \/l .*\.$/);
    assert.equal(/another process/.test(explained.message), code === "LOCAL_LOG_LOCKED");
    assert.equal(/damaged/.test(explained.message), code === "LOCAL_LOG_DAMAGED" && !text.includes("output"));
  });
}

test("a place that cannot be made is named once, with its cause", async (context) => {
  const directory = makeDirectory(context);
  mkdirSync(path.join(directory, "a"));
  const long = path.join(directory, "a", "x".repeat(300));
  await assert.rejects(openLocalLog({ directory: long }), { message: /name is too long \(ENAMETOOLONG\)/ });
});
