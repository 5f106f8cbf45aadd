/** Every proof that `make prove PART=…` can run; each is loaded when it is named. */
import type { ProofPart } from "./proof-part.ts";

export const proofParts: Readonly<Record<string, () => Promise<ProofPart>>> = {
  hostile: async () => (await import("../hostile/proof.ts")).hostileProof,
  fuzz: async () => (await import("../fuzz/proof.ts")).fuzzProof,
};
