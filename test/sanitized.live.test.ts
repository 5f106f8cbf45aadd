/** The addon under AddressSanitizer and UndefinedBehaviorSanitizer: its own tests, on a build of its own. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const isOff = process.env["KERNTEL_TEST_LIVE"] === "off";

test(
  "the tests of the loader find nothing to report under the sanitizers",
  { skip: isOff && "KERNTEL_TEST_LIVE=off" },
  () => {
    const { status, stdout, stderr } = spawnSync(
      "npm",
      ["run", "--silent", "test:sanitized", "-w", "bpf-loader-napi"],
      {
        cwd: `${import.meta.dirname}/..`,
        encoding: "utf8",
        // The tests of this process are not the parent of those.
        env: { ...process.env, NODE_TEST_CONTEXT: undefined },
        maxBuffer: 1 << 28,
      },
    );
    assert.equal(status, 0, `${stdout.slice(-8_000)}${stderr.slice(-4_000)}`);
    const passed = Number(/^ℹ pass (\d+)$/m.exec(stdout)?.[1] ?? /^# pass (\d+)$/m.exec(stdout)?.[1]);
    assert.ok(passed > 100, stdout.slice(-2_000));
    assert.doesNotMatch(stderr, /runtime error|AddressSanitizer/);
  },
);
