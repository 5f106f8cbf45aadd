import { capabilityBit, effectiveCapabilities, hasCapability } from "./capabilities.ts";
import { no, unknown, yes } from "./probe-answer.ts";
import type { ProbeAnswer } from "./probe-answer.ts";

/**
 * Whether this process may use a capability (`CAP_BPF`) now. What Linux 5.8 split off from CAP_SYS_ADMIN also counts as
 * held with that. Not kept: a process can drop capabilities.
 */
export function probeCapability(name: string, statusPath: string = "/proc/self/status"): ProbeAnswer {
  if (capabilityBit(name) === undefined) return unknown(`there is no capability ${name}`);
  const effective = effectiveCapabilities(statusPath);
  if (effective === undefined)
    return unknown(`${statusPath} does not say which capabilities the process has`);
  return hasCapability(effective, name) ? yes : no(`the process does not have ${name}`);
}
