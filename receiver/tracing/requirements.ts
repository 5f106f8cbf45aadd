/** What every kernel half needs of the machine, asked before the first one is loaded. */
import { probeCapability, probeKernelBtf } from "bpf-loader-napi";

interface Capability {
  /** As in include/uapi/linux/capability.h. */
  readonly name: string;
  /** Without it no event with a kernel half can run. */
  readonly isRequired: boolean;
}

/** All that is ever needed, each with its purpose in README.md; live tests run the program with just these. */
export const capabilities: readonly Capability[] = [
  { name: "CAP_BPF", isRequired: true },
  { name: "CAP_PERFMON", isRequired: true },
  { name: "CAP_SYSLOG", isRequired: false },
];

/** Kprobes need it too where kernel.perf_event_paranoid is above 2; the loader names both when one is refused. */
export const capabilityForClosedPerfEvents = "CAP_SYS_ADMIN";

/**
 * Why no event with a kernel half can run here, as part of a sentence; `undefined` when nothing is in the way.
 * An inconclusive probe is not in the way: loading will tell.
 */
export function findMissingRequirement(): string | undefined {
  const btf = probeKernelBtf();
  if (btf.answer === "no") return btf.why;
  const missing = capabilities
    .filter(({ name, isRequired }) => isRequired && probeCapability(name).answer === "no")
    .map(({ name }) => name);
  if (missing.length === 0) return undefined;
  return `missing ${missing.join(" and ")}: run as root or grant ${missing.length === 1 ? "it" : "them"}`;
}
