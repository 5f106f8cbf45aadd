/** Thousands of cgroups that come and go: each is remembered, none is missed without being counted, memory stays small. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { provokeOom } from "../provoke/oom.ts";
import { assertBooksClose } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, readMetric } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

/** An emulated machine makes as many in minutes. */
const COUNT = isDisposable ? 500 : 5_000;
/** What the directory may take for all of them, with whatever else a program does in these seconds. */
const MOST_BYTES = 64 * 1024 * 1024;

liveTest(
  `${COUNT} cgroups that are made and removed in a loop are remembered, within bounds`,
  async (context) => {
    await using kerntel = await RunningKerntel.start({ events: "      oom: {}" });
    await provokeOom();
    await assertBooksClose(kerntel, "oom");
    const before = readResidentBytes(kerntel.pid);
    {
      await using parent = makeMemoryCgroup(`/kerntel-test-${process.pid}/docker`, MOST_BYTES);
      for (let made = 0; made < COUNT; made++) {
        const directory = join(parent.directory, made.toString(16).padStart(64, "0"));
        mkdirSync(directory);
        rmdirSync(directory);
      }
    }
    const gone = await waitUntil(`${COUNT} cgroups to be gone`, async () => {
      const metrics = await kerntel.metrics();
      const known = readMetric(metrics, "kerntel_cgroup_known").get('{life="gone"}') ?? 0;
      const lost = readMetric(metrics, "kerntel_cgroup_lost_changes_total").get("") ?? 0;
      // Made and removed are told apart: each cgroup may have lost either.
      return known + lost >= COUNT ? known : undefined;
    });
    const metrics = await kerntel.metrics();
    const lost = readMetric(metrics, "kerntel_cgroup_lost_changes_total").get("") ?? 0;
    // The one of the start, and one a minute where the ring had no room.
    const walks = readMetric(metrics, "kerntel_cgroup_walks_total").get("") ?? 0;
    assert.ok(walks === 1 || (lost > 0 && walks < 5), `${walks} walks, ${lost} changes lost`);
    assert.equal(readMetric(metrics, "kerntel_cgroup_evictions_total").get(""), 0);
    const grown = readResidentBytes(kerntel.pid) - before;
    context.diagnostic(`${gone} remembered, ${(grown / 1_048_576).toFixed(1)} MiB more of memory`);
    assert.ok(grown < MOST_BYTES, `${grown} bytes`);

    const { containerId } = await provokeOom();
    const line = await waitUntil("the kill in the local log", async () =>
      (await kerntel.stored({ event: "kerntel.oom", container: containerId })).at(0),
    );
    assert.equal(line.resource["container.id"], containerId);
    assert.equal(
      readMetric(await kerntel.metrics(), "kerntel_cgroup_lookups_total").get('{found="none"}'),
      0,
    );
  },
);

function readResidentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1_024;
}
