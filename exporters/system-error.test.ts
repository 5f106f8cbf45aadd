import assert from "node:assert/strict";
import { test } from "node:test";
import { describeCause, readErrno } from "./system-error.ts";

for (const [error, errno, says] of [
  [Object.assign(new Error("x"), { code: "EMFILE" }), "EMFILE", /files open.*LimitNOFILE.*\(EMFILE\)/],
  ["IO error: /l/LOCK: Too many open files", "EMFILE", /this process/],
  ["IO error: /l/LOCK: Too many open files in system", "ENFILE", /the machine/],
  ["IO error: /l/LOCK: No file descriptors available", "EMFILE", /this process/],
  ["IO error: /l/000003.log: No space left on device", "ENOSPC", /disk is full.*inode/],
  ["IO error: /l/000003.log: Disk quota exceeded", "EDQUOT", /quota/],
  ["IO error: /l/LOCK: No locks available", "ENOLCK", /NFS/],
  ["IO error: /l/LOCK: Permission denied", "EACCES", /permission/],
  ["IO error: /l/LOCK: Read-only file system", "EROFS", /read-only/],
  ["IO error: /l/000005.ldb: Input/output error", "EIO", /device failed/],
  ["IO error: /l/000005.ldb: Cannot allocate memory", "ENOMEM", /no memory/],
  ["IO error: /l/000005.ldb: Stale file handle", "ESTALE", /mount it again/],
] as const) {
  test(`${typeof error === "string" ? error : error.code} is explained as ${errno}`, () => {
    const thrown = typeof error === "string" ? new Error(error) : error;
    assert.equal(readErrno(thrown), errno);
    assert.match(describeCause(thrown), says);
    // Whatever wraps it without a number of its own.
    assert.equal(readErrno(new Error("failed", { cause: thrown })), errno);
  });
}

test("what has no error number is described by its own words", () => {
  assert.equal(describeCause(new Error("the moon is wrong")), "the moon is wrong");
  assert.equal(readErrno("text"), "");
});
