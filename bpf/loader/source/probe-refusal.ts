/** What a refused system call says about the kernel, and what only about this process or this moment. */
import { missingCapabilities } from "./capabilities.ts";
import { errnoName } from "./errno.ts";
import { no, unknown } from "./probe-answer.ts";
import type { ProbeAnswer } from "./probe-answer.ts";

const notPermitted: ReadonlySet<string> = new Set(["EPERM", "EACCES"]);
/** Pass again later, perhaps. */
const passing: ReadonlySet<string> = new Set([
  "EAGAIN",
  "EBUSY",
  "EINTR",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
]);

export interface Refusal {
  /** As in "kprobe programs cannot be loaded". */
  readonly what: string;
  readonly errno: number;
  /** Last words of the verifier, `""` for none. */
  readonly detail: string;
}

export function classifyRefusal({ what, errno, detail }: Refusal): ProbeAnswer {
  const name = errnoName(errno);
  const why = `${what} (${name}${detail === "" ? "" : `: ${detail}`})`;
  if (passing.has(name)) return unknown(why);
  if (!notPermitted.has(name)) return no(why);
  const missing = missingCapabilities(["CAP_BPF", "CAP_PERFMON"]);
  if (missing.length > 0) return unknown(`${why}; the process lacks ${missing.join(" and ")}`);
  return no(`${why}; the process has CAP_BPF and CAP_PERFMON, so the kernel itself does not allow it`);
}
