/** A user whose processes outgrow memory cgroups of its own, as fast as they can, while others are killed too. */
import assert from "node:assert/strict";
import { provokeOom } from "#events/oom/provoke.ts";
import type { Killed } from "#events/oom/provoke.ts";
import { assertBooksClose } from "../live/assertions.ts";
import { RunningKerntel, readMetric } from "../live/running-kerntel.ts";
import type { StoredLine } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const LOOPS = 4;

/** Shortages of one user at a time, records of each, and how long each may be: events/oom/README.md. */
const USER_PLACES = 4;
const RECORDS = 2;
const LONGEST_MS = 60_000;

/** `$1`: the user's directory; `$2`: the number of the loop. Another cgroup for each kill, so that no limit is met twice. */
const loop = `
limit=memory.limit_in_bytes
if [ -f "$1/cgroup.subtree_control" ]; then limit=memory.max; echo +memory >"$1/cgroup.subtree_control"; fi
number=0
while :; do
  number=$((number + 1))
  cgroup=$1/storm-$2-$number
  mkdir "$cgroup" && echo 4194304 >"$cgroup/$limit" || exit 1
  sh -c 'echo $$ >"$0/cgroup.procs" && exec tail /dev/zero' "$cgroup" 2>/dev/null
  [ $? -eq 137 ] && echo killed
  rmdir "$cgroup"
done`;

export interface Storm {
  /** That the user saw; the last of each loop may be missing. */
  readonly kills: number;
  readonly loops: number;
  /** What Kerntel counted meanwhile, of all on this machine. */
  readonly counted: number;
  readonly suppressed: number;
  /** All records of shortages of the user's. */
  readonly records: readonly StoredLine[];
  /** Of all records, also others'. */
  readonly victimsInRecords: number;
  /** Somebody else's kill in the middle of it, its record, and how long that took. */
  readonly other: Killed;
  readonly otherRecord: StoredLine;
  readonly otherMs: number;
}

/** Throws where the accounting does not close. */
export async function stormOom(durationMs: number): Promise<Storm> {
  await using user = await UnprivilegedUser.enter();
  await using kerntel = await RunningKerntel.start({ events: "      oom: {}" });
  const { directory } = user.cgroup("memory");
  const runs = Array.from({ length: LOOPS }, (_, number) =>
    user.shell(loop, { args: [directory, `${number}`], limitMs: durationMs }),
  );
  await waitUntil("the first kill", () => runs.some(({ out }) => out() !== "") || undefined);
  const other = await provokeOom();
  const diedAt = performance.now();
  const otherRecord = await waitUntil("the other one's record", async () =>
    (await kerntel.stored({ event: "kerntel.oom", container: other.containerId })).at(0),
  );
  const otherMs = performance.now() - diedAt;
  const ends = await Promise.all(runs.map(({ ended }) => ended));
  const { suppressed } = await assertBooksClose(kerntel, "oom");
  const counted = [...readMetric(await kerntel.metrics(), "kerntel_oom_kills_total").values()][0] ?? 0;
  // What is open is reported at the end.
  await kerntel.stop();
  const all = await kerntel.query("--event", "kerntel.oom", "--limit", "100000");
  return {
    kills: ends.reduce((total, { out }) => total + out.split("\n").length - 1, 0),
    loops: LOOPS,
    counted,
    suppressed: Number(suppressed),
    records: all.filter((line) => limitPath(line).startsWith(user.cgroupPath)),
    victimsInRecords: all.reduce((total, { attributes }) => total + Number(attributes["kerntel.count"]), 0),
    other,
    otherRecord,
    otherMs,
  };
}

/** Throws where the attack left more than it may, or cost others something. */
export function checkStorm(storm: Storm, durationMs: number): void {
  const { kills, counted, suppressed, records, victimsInRecords, other, otherRecord } = storm;
  const shortages = USER_PLACES * Math.ceil((durationMs + 1) / LONGEST_MS);
  assert.ok(records.length <= shortages * RECORDS, `${records.length} records of ${shortages} shortages`);
  assert.equal(suppressed, 0);
  assert.ok(counted >= kills + 1, `${counted} of ${kills} and another one`);
  assert.equal(victimsInRecords, counted);
  assert.equal(otherRecord.attributes["process.pid"], other.pid);
  assert.equal(otherRecord.attributes["kerntel.count"], 1);
  assert.equal(otherRecord.resource["container.id"], other.containerId);
}

function limitPath({ attributes }: StoredLine): string {
  return String(attributes["kerntel.memory_cgroup.path"]);
}
