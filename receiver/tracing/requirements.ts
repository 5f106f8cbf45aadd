/** What every kernel half needs of the machine, asked before the first one is loaded. */
import { probeCapability, probeKernelBtf } from "bpf-loader-napi";

/** Loading tracing programs and reading kernel memory in them; include/uapi/linux/capability.h */
const CAPABILITIES = ["CAP_BPF", "CAP_PERFMON"] as const;

/**
 * Why no event with a kernel half can run here, as part of a sentence; `undefined` when nothing is in the way.
 * An inconclusive probe is not in the way: loading will tell.
 */
export function findMissingRequirement(): string | undefined {
  const btf = probeKernelBtf();
  if (btf.answer === "no") return btf.why;
  const missing = CAPABILITIES.filter((name) => probeCapability(name).answer === "no");
  if (missing.length === 0) return undefined;
  return `missing ${missing.join(" and ")}: run as root or grant ${missing.length === 1 ? "it" : "them"}`;
}
