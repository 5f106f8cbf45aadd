/** Each part of `npm run check` is a test, so that the one summary counts it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import project from "../package.json" with { type: "json" };

for (const name of Object.keys(project.scripts).filter((script) => script.startsWith("check:"))) {
  test(`npm run ${name} finds nothing`, () => {
    const { status, stdout, stderr } = spawnSync("npm", ["run", "--silent", name], {
      cwd: new URL("..", import.meta.url),
      encoding: "utf8",
    });
    assert.equal(status, 0, `\n${stdout}${stderr}`);
  });
}
