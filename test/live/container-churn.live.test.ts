/** Thousands of cgroups that come and go: each is remembered, none is missed without being counted, memory stays small. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { assertBooksClose } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { readMetric } from "./running-kerntel.ts";
import type { RunningKerntel } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

/** An emulated machine makes as many in minutes. */
const COUNT = isDisposable ? 500 : 5_000;
/** What the directory may take for all of them, with whatever else a program does in these seconds. */
const MOST_BYTES = 64 * 1024 * 1024;

liveTest(
  `${COUNT} cgroups that are made and removed in a loop are remembered, within bounds`,
  async (context) => {
    const kerntel = await shareKerntel("      oom: {}");
    await provokeOom();
    await assertBooksClose(kerntel, "oom");
    const [before, at] = [await readDirectory(kerntel), readResidentBytes(kerntel.pid)];
    {
      await using parent = makeMemoryCgroup(`/kerntel-test-${process.pid}/docker`, MOST_BYTES);
      for (let made = 0; made < COUNT; made++) {
        const directory = join(parent.directory, made.toString(16).padStart(64, "0"));
        mkdirSync(directory);
        rmdirSync(directory);
      }
    }
    // Made and removed are told apart: each cgroup may have lost either.
    const after = await waitUntil(`${COUNT} cgroups to be gone`, async () => {
      const now = await readDirectory(kerntel);
      return now.gone + now.lost - before.gone - before.lost >= COUNT ? now : undefined;
    });
    // One a minute where the ring had no room; without that only the one of the start.
    const [walks, lost] = [after.walks - before.walks, after.lost - before.lost];
    assert.ok(walks === 0 || (lost > 0 && walks < 4), `${walks} walks, ${lost} changes lost`);
    assert.equal(after.evictions, 0);
    const grown = readResidentBytes(kerntel.pid) - at;
    const mebibytes = (grown / 1_048_576).toFixed(1);
    context.diagnostic(`${after.gone - before.gone} remembered, ${mebibytes} MiB more of memory`);
    assert.ok(grown < MOST_BYTES, `${grown} bytes`);

    const { containerId } = await provokeOom();
    const line = await waitUntil("the kill in the local log", async () =>
      (await kerntel.look({ event: "kerntel.oom", container: containerId })).at(0),
    );
    assert.equal(line.resource["container.id"], containerId);
    assert.equal((await readDirectory(kerntel)).foundNone, before.foundNone);
  },
);

/** What the directory of cgroups says of itself. */
interface DirectoryMetrics {
  readonly gone: number;
  readonly lost: number;
  readonly walks: number;
  readonly evictions: number;
  readonly foundNone: number;
}

async function readDirectory(kerntel: RunningKerntel): Promise<DirectoryMetrics> {
  const text = await kerntel.metrics();
  const read = (name: string, labels = ""): number => readMetric(text, `kerntel_${name}`).get(labels) ?? 0;
  return {
    gone: read("cgroup_known", '{kerntel_cgroup_state="gone"}'),
    lost: read("cgroup_lost_changes_total"),
    walks: read("cgroup_walks_total"),
    evictions: read("table_evictions_total", '{kerntel_table_name="cgroups"}'),
    foundNone: read("cgroup_lookups_total", '{kerntel_cgroup_lookup_result="none"}'),
  };
}

function readResidentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1_024;
}
