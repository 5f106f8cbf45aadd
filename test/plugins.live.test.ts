/** Follows docs/plugins.md word by word, outside of the tree, and runs what that makes. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { followGuide } from "./guide.ts";
import { liveTest } from "./live/live-test.ts";
import { RunningKerntel, readMetric } from "./live/running-kerntel.ts";
import { makeTemporaryDirectory } from "./live/temporary-directory.ts";
import { waitUntil } from "./live/wait-until.ts";

const root = join(import.meta.dirname, "..");
/** As the page names the folder. */
const NAMED = "/usr/lib/kerntel/plugins/example";

interface Line {
  readonly eventName: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

liveTest(
  "a plug-in made by the guide is built, moved, loaded and configured; its event reports and its exporter sends",
  async () => {
    using directory = makeTemporaryDirectory();
    const built = join(directory.path, "built");
    const { written } = followGuide(root, "docs/plugins.md", undefined, { [NAMED]: built });
    assert.ok(written.length > 0 && written.every((path) => path.startsWith(built)));
    const folder = join(directory.path, "installed");
    cpSync(built, folder, { recursive: true });

    const lines = join(directory.path, "lines.jsonl");
    await using kerntel = await RunningKerntel.start({
      events: "      task_renamed: {}",
      plugins: [folder],
      sections: `logger_provider:\n  processors:\n    - batch:\n        exporter:\n          lines: { path: ${lines} }\n`,
    });
    const state = (await kerntel.events()).get("task_renamed");
    assert.equal(state?.state, "running");

    const name = `renamed-${process.pid}`;
    execFileSync("bash", ["-c", `echo -n ${name} > /proc/self/comm; exec true`]);
    const renamed = await waitUntil("the new name in the local log", async () =>
      (await kerntel.query("--event", "task_renamed")).find(
        ({ attributes }) => attributes["thread.name"] === "bash",
      ),
    );
    const sent = await waitUntil("the record in the exporter's file", () =>
      readLines(lines).find(({ attributes }) => attributes["log.record.uid"] === renamed.uid),
    );
    assert.equal(sent.eventName, "kerntel.task_renamed");
    const metrics = await kerntel.metrics();
    assert.ok((readMetric(metrics, "kerntel_task_renamed_occurrences_total").get("") ?? 0) >= 1);
  },
);

function readLines(path: string): Line[] {
  try {
    return readFileSync(path, "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}
