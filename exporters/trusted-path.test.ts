import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test, type TestContext } from "node:test";
import { findDistrust } from "./trusted-path.ts";

const OTHER_USER = 54_321;
let base = "";

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), "trusted-"));
});

afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

function needsRoot(context: TestContext): boolean {
  const isRoot = process.geteuid?.() === 0;
  if (!isRoot) context.skip("only root can give something to another user");
  return isRoot;
}

async function listen(context: TestContext, path: string): Promise<void> {
  const server = createServer();
  context.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
}

test("a socket of this user below its own directories is trusted, also by its link, and whoever may connect to it", async (context) => {
  mkdirSync(join(base, "run"));
  const socket = join(base, "run/x.sock");
  await listen(context, socket);
  chmodSync(socket, 0o666);
  symlinkSync("run", join(base, "link"));
  assert.equal(findDistrust(socket), undefined);
  assert.equal(findDistrust(join(base, "link/x.sock")), undefined);
});

test("a socket is not trusted below a directory that others can write, and is where that is sticky", async (context) => {
  mkdirSync(join(base, "run"));
  const socket = join(base, "run/x.sock");
  await listen(context, socket);
  for (const mode of [0o777, 0o775]) {
    chmodSync(join(base, "run"), mode);
    assert.equal(findDistrust(socket), `it is reached by ${base}/run, which other users can write`);
  }
  chmodSync(join(base, "run"), 0o1777);
  assert.equal(findDistrust(socket), undefined);
});

test("a socket is not trusted that another user owns, or reaches by a directory or link of another user", async (context) => {
  if (!needsRoot(context)) return;
  mkdirSync(join(base, "run"));
  const socket = join(base, "run/x.sock");
  await listen(context, socket);
  chownSync(socket, OTHER_USER, 0);
  assert.equal(findDistrust(socket), "it belongs to user 54321");
  chownSync(socket, 0, 0);
  chownSync(join(base, "run"), OTHER_USER, 0);
  assert.equal(findDistrust(socket), `it is reached by ${base}/run, which belongs to user 54321`);
  chownSync(join(base, "run"), 0, 0);
  symlinkSync("run", join(base, "link"));
  lchownSync(join(base, "link"), OTHER_USER, 0);
  assert.equal(
    findDistrust(join(base, "link/x.sock")),
    `it is reached by ${base}/link, a symbolic link of user 54321`,
  );
  assert.equal(findDistrust(socket), undefined);
});

test("a file that others can write is not trusted, and one that is not there is the file system's error", () => {
  const file = join(base, "token");
  writeFileSync(file, "x");
  assert.equal(findDistrust(file), undefined);
  chmodSync(file, 0o666);
  assert.equal(findDistrust(file), "other users can write it");
  chmodSync(file, 0o600);
  assert.throws(() => findDistrust(join(base, "none")), { code: "ENOENT" });
  assert.throws(() => findDistrust(join(file, "x")), { code: "ENOTDIR" });
});
