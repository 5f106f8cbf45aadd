/** Whoever fills the file system of the state directory costs records that are counted, and nothing else. */
import assert from "node:assert/strict";
import { liveTest } from "../live/live-test.ts";
import { fillFileSystem } from "./full-file-system.ts";

for (const filling of ["bytes", "inodes"] as const) {
  liveTest(
    `a user who takes all ${filling} of the state directory's file system costs records that are counted`,
    async (context) => {
      const { files, seen, stored, refused, storedAgain } = await fillFileSystem(filling, 5);
      context.diagnostic(
        `${files} files; ${seen} seen, ${stored} stored, ${refused} refused; ${storedAgain} stored again`,
      );
      assert.ok(files > 1_000, `${files} files`);
      assert.ok(seen >= 1_500, `${seen} drops`);
      assert.ok(refused > 0);
      assert.ok(storedAgain >= 20);
    },
  );
}
