import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { codeVariables, dropCodeVariables } from "./code-variables.ts";

const CACHE = "/kerntel/build/program/compile-cache";

test("root's program gets none of the variables that choose code, and says once which were set", () => {
  const variables: NodeJS.ProcessEnv = { PATH: "/bin", LEVELDOWN_PREBUILD: "/tmp/x", LIBC: "" };
  const said = dropCodeVariables(variables, 0, CACHE);
  assert.equal(said, "root ignores variables that choose code or files: LEVELDOWN_PREBUILD");
  assert.deepEqual(variables, { PATH: "/bin" });
  assert.equal(dropCodeVariables(variables, 0, CACHE), undefined);
});

test("what Node obeyed before the first line is named as such", () => {
  const said = dropCodeVariables({ NODE_OPTIONS: "--require=/tmp/x", LIBC: "musl" }, 0, CACHE);
  assert.match(said ?? "", /NODE_OPTIONS LIBC; NODE_OPTIONS has been obeyed before that: start .* launcher/);
});

test("the compile cache of this tree is no surprise, and other users keep what they set", () => {
  assert.equal(dropCodeVariables({ NODE_COMPILE_CACHE: CACHE }, 0, CACHE), undefined);
  const variables = Object.fromEntries(codeVariables.map((name) => [name, "x"]));
  assert.equal(dropCodeVariables(variables, 1000, CACHE), undefined);
  assert.equal(Object.keys(variables).length, codeVariables.length);
});

test("the launcher removes the same variables", () => {
  const launcher = readFileSync(join(import.meta.dirname, "../kerntel"), "utf8");
  const list = /for name in ([^;]+); do/.exec(launcher)?.[1] ?? "";
  assert.deepEqual(list.split(/[\s\\]+/).filter(Boolean), codeVariables);
});
