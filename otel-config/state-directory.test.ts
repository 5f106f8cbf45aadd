import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseStateDirectory } from "./state-directory.ts";

for (const [what, configured, variables, uid, expected] of [
  ["the file", "/a", { KERNTEL_STATE_DIR: "/b" }, 0, "/a"],
  ["the environment", null, { KERNTEL_STATE_DIR: "/b", XDG_STATE_HOME: "/c" }, 1000, "/b"],
  ["the system's place for root", undefined, { XDG_STATE_HOME: "/c" }, 0, "/var/lib/kerntel"],
  ["XDG", undefined, { XDG_STATE_HOME: "/c" }, 1000, "/c/kerntel"],
  [
    "the home, where XDG is relative",
    undefined,
    { XDG_STATE_HOME: "c" },
    1000,
    "/home/u/.local/state/kerntel",
  ],
  ["the home", undefined, {}, 1000, "/home/u/.local/state/kerntel"],
] as const) {
  test(`the state directory comes from ${what}`, () => {
    assert.equal(chooseStateDirectory(configured, variables, { uid, home: "/home/u" }), expected);
  });
}
