import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { RunningKerntel } from "./running-kerntel.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

test("a program that ends instead of starting is not waited for, and the reason is told", async () => {
  using directory = makeTemporaryDirectory();
  const launcher = `${directory.path}/launcher`;
  for (const [script, reason] of [
    ["echo out of luck >&2; kill -ABRT $$", /^kerntel ended at once with SIGABRT:\nout of luck\n$/],
    ["exit 3", /^kerntel ended at once with 3:\n$/],
  ] as const) {
    writeFileSync(launcher, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    await assert.rejects(RunningKerntel.start({ launcher }), ({ message }: Error) => {
      assert.match(message, reason);
      return true;
    });
  }
});
