/** The long forms of attacks by a real user without privileges, beside what they did before there was a defence. */
import type { ProofCase, ProofPart } from "../prove/proof-part.ts";
import { fillFileSystem } from "./full-file-system.ts";
import type { Filling } from "./full-file-system.ts";
import { checkStorm, stormOom } from "./oom-storm.ts";

const REPETITIONS = 3;
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

export const hostileProof: ProofPart = {
  name: "hostile",
  claim:
    "What a user without privileges does to be somebody else, or to leave others unwatched, changes nobody's identity, costs the receiver little, and is counted.",
  cases: [oomStorm, fullFileSystem("bytes"), fullFileSystem("inodes")],
};
