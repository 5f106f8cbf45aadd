/** The long forms of attacks by a real user without privileges, beside what they did before there was a defence. */
import assert from "node:assert/strict";
import { RunningKerntel } from "../live/running-kerntel.ts";
import type { ProofCase, ProofCounts, ProofPart } from "../prove/proof-part.ts";
import { attackByCgroupChurn, checkChurn } from "./cgroup-churn.ts";
import type { ChurnForm } from "./cgroup-churn.ts";
import { fillFileSystem } from "./full-file-system.ts";
import type { Filling } from "./full-file-system.ts";
import { attackByNamespaceChurn, checkNamespaces } from "./namespace-churn.ts";
import { checkStorm, stormOom } from "./oom-storm.ts";
import { attackByDeafness, attackByIdleness } from "./port-attack.ts";
import type { PortAttack } from "./port-attack.ts";
import { floodBesideDrops, floodBesideRetransmissions } from "./tenant-limit.ts";
import type { Beside } from "./tenant-limit.ts";

/** Each lasts for as long as it was measured before its defence. */
const REPETITIONS = 1;
const STORM_MS = 90_000;
/** Of 300 drops each, while there is no room. */
const ROUNDS = 100;

const oomStorm: ProofCase = {
  name: "killed for memory without end",
  repetitions: REPETITIONS,
  before: "116 records a second at ERROR, of one container",
  run: async () => {
    const storm = await stormOom(STORM_MS);
    checkStorm(storm, STORM_MS);
    const { kills, records, otherMs } = storm;
    return { kills, records: records.length, "another one's record after, ms": Math.round(otherMs) };
  },
};

function fullFileSystem(filling: Filling): ProofCase {
  return {
    name: `no ${filling} left for the state directory`,
    repetitions: REPETITIONS,
    before: "refused and counted, as now",
    run: async () => ({ ...(await fillFileSystem(filling, ROUNDS)) }),
  };
}

const CGROUPS_MS = 25_000;
/** So long that more namespaces are made than the receiver remembers, also one in a few milliseconds. */
const NAMESPACES_MS = 40_000;
function cgroupChurn(form: ChurnForm): ProofCase {
  return {
    name: `cgroups, ${form}`,
    repetitions: REPETITIONS,
    before: "131 → 845 MB of memory in a minute, 650 lookups a second",
    run: async (): Promise<ProofCounts> => {
      const figures = await attackByCgroupChurn({ durationMs: CGROUPS_MS, form });
      checkChurn(figures);
      const { before, most } = figures.residentBytes;
      return {
        "made a second": Math.round(figures.madePerSecond),
        "memory grown, KiB": Math.round((most - before) / 1_024),
        "most lookups a second": figures.lookups.mostInOneSecond,
        "slowest container, ms": Math.round(Math.max(...figures.containerLookupMs)),
      };
    },
  };
}

const namespaceChurn: ProofCase = {
  name: "network namespaces",
  repetitions: REPETITIONS,
  before: "8,300 namespaces erased, for good and uncounted, which container owns which",
  run: async () => {
    const figures = await attackByNamespaceChurn({ durationMs: NAMESPACES_MS });
    const { known, evicted, suppressed } = checkNamespaces(figures);
    return { made: figures.made, known, evicted, suppressed };
  },
};

const FLOOD_MS = 60_000;

/** Beside what a user floods, of one and the same event, whose limit is the default. */
function flood(
  what: string,
  before: string,
  events: string,
  run: (kerntel: RunningKerntel, durationMs: number) => Promise<Beside>,
): ProofCase {
  return {
    name: `a flood of ${what}, beside a container's`,
    repetitions: REPETITIONS,
    before,
    run: async () => {
      await using kerntel = await RunningKerntel.start({ events });
      const { happened, described, flooded } = await run(kerntel, FLOOD_MS);
      assert.ok(described >= happened - 2, `${described} of ${happened}`);
      return { "of the user's": flooded, "of the container's": happened, described };
    },
  };
}

const PORT_MS = 60_000;
const BYTES_PER_MIB = 1_024 * 1_024;

function portAttack(
  name: string,
  before: string,
  run: (durationMs: number) => Promise<PortAttack>,
): ProofCase {
  return {
    name,
    repetitions: REPETITIONS,
    before,
    run: async () => {
      const { opened, memoryBeforeBytes, memoryPeakBytes, refused, scrapesAfter } = await run(PORT_MS);
      assert.equal(refused, 0);
      assert.ok(scrapesAfter);
      const grownBytes = memoryPeakBytes - memoryBeforeBytes;
      return { opened, "memory grown, MiB": Math.round(grownBytes / BYTES_PER_MIB), refused };
    },
  };
}

export const hostileProof: ProofPart = {
  name: "hostile",
  claim:
    "What a user without privileges does to be somebody else, or to leave others unwatched, changes nobody's identity, costs the receiver little, and is counted.",
  cases: [
    oomStorm,
    cgroupChurn("removed at once"),
    cgroupChurn("kept for a second"),
    namespaceChurn,
    flood(
      "SYNs that are sent again",
      "10 of 36 described",
      "      tcp_retransmit: { limit_per_second: 100 }",
      floodBesideRetransmissions,
    ),
    flood(
      "drops",
      "25 of 36 described",
      "      dropwatch: { limit_per_second: 100, window_seconds: 0 }",
      floodBesideDrops,
    ),
    portAttack("300 connections that never read", "250 MB → 1.5 GB of memory", attackByDeafness),
    portAttack("500 idle connections, 256 descriptors", "38,509 records refused", attackByIdleness),
    fullFileSystem("bytes"),
    fullFileSystem("inodes"),
  ],
};
