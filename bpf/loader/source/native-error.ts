/** What a native call threw, as a `BpfError`. */
import { errnoName } from "./errno.ts";
import { BpfError, VerifierError } from "./error.ts";
import type { BpfErrorCode, BpfPhase } from "./error.ts";
import { readLibraryLog } from "./library-log.ts";
import type { NativeError } from "./native.ts";
import { missingCapabilities, perfEventRestriction } from "./capabilities.ts";

export interface Attempt {
  readonly code: BpfErrorCode;
  readonly phase: BpfPhase;
  /** What was tried, as the beginning of a sentence: `Map counts could not be read`. */
  readonly failure: string;
  readonly program?: string | undefined;
  /** What the call is permitted by; BPF's own without it. */
  readonly capabilities?: readonly string[];
}

/**
 * libbpf's words before 1.5 when it may not look for a tracepoint or function in modules. It looks there for what the kernel itself lacks,
 * so that this is no want of permission; with all capabilities, and since 1.5, it says ESRCH.
 */
const moduleSearch = /^failed to (?:iterate BTF objects|get BTF object)/;

const EPERM = 1;
const EACCES = 13;
const bpfCapabilities = ["CAP_BPF", "CAP_PERFMON"];

/** Runs a native call; what it throws becomes a `BpfError`. */
export function attempt<Result>(what: Attempt, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    throw isNative(error) ? toBpfError(error, what) : error;
  }
}

function isNative(error: unknown): error is NativeError {
  return error instanceof Error && "errno" in error && "call" in error;
}

function toBpfError(error: NativeError, what: Attempt): BpfError {
  const log = readLibraryLog(error.log);
  const errno = errnoName(error.errno);
  const program = what.program ?? log.program;
  const details = { phase: what.phase, program, errno, cause: error };
  if (log.missing !== undefined) {
    const message = `${failureOf(what, program)}: this kernel has no ${log.missing}.`;
    const refusal = { line: log.line, log: log.verifierLog ?? error.log };
    return new VerifierError(message, details, refusal, "BPF_RELOCATION_FAILED");
  }
  if (moduleSearch.test(log.line)) {
    const reason =
      "the kernel itself has nothing of that name to attach to, and CAP_SYS_ADMIN alone may search its modules";
    return new BpfError(what.code, `${failureOf(what, program)}: ESRCH: ${reason}.`, {
      ...details,
      errno: "ESRCH",
    });
  }
  if (log.verifierLog !== undefined) {
    const message = `The verifier refused program ${program}: ${log.line}`;
    return new VerifierError(message, details, { line: log.line, log: log.verifierLog });
  }
  const reason = log.line === "" ? `${error.reason} (${error.call})` : log.line;
  return new BpfError(
    what.code,
    `${failureOf(what, program)}: ${errno}: ${reason}${permission(error.errno, what)}`,
    details,
  );
}

function failureOf(what: Attempt, program: string | undefined): string {
  return what.program === undefined && program !== undefined
    ? `${what.failure} (program ${program})`
    : what.failure;
}

/** EPERM does not mean "not root": says which capability is missing, or that the kernel refuses by itself. */
function permission(errno: number, { phase, capabilities: needed = bpfCapabilities }: Attempt): string {
  const restriction = errno === EACCES && phase === "attach" ? perfEventRestriction() : undefined;
  if (restriction !== undefined) return `. ${restriction}`;
  if (errno !== EPERM) return "";
  const missing = missingCapabilities(needed);
  return missing.length > 0
    ? `. This process lacks ${missing.join(" and ")}.`
    : `. This process holds ${needed.join(" and ")}: the kernel itself does not allow it.`;
}
