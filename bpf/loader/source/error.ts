/** The errors of this package, and the table of their codes. */

/**
 * - `BPF_ADDON_MISSING`: the compiled half is not built, or libbpf is not installed
 * - `BPF_ARGUMENT_INVALID`: a value of the wrong type or range was passed
 * - `BPF_CLOSED`: use after close
 * - `BPF_FILE_UNREADABLE`: the path of an object cannot be read
 * - `BPF_OBJECT_INVALID`: not a BPF object, cut short, or of another byte order
 * - `BPF_OBJECT_WITHOUT_BTF`: compiled without `-g`
 * - `BPF_NOT_FOUND`: the object has no program, map or constant of that name
 * - `BPF_LOAD_FAILED`: the kernel or libbpf refused a map, a program or the object's BTF
 * - `BPF_RELOCATION_FAILED`: a CO-RE relocation names a type or field that the kernel does not have; a `VerifierError`
 *   too, since the verifier is who notices
 * - `BPF_VERIFIER_REJECTED`: the verifier refused a program; always a `VerifierError`
 * - `BPF_ATTACH_FAILED`: the hook is missing or was refused
 * - `BPF_RUN_FAILED`: a program could not be run by hand, or an iterator not be read
 * - `BPF_READER_FAILED`: a ring could not be opened or armed
 * - `BPF_READER_BUSY`: a reader was drained from within its own `onBatch`
 * - `BPF_MAP_FAILED`: a map refused an operation
 * - `BPF_STATISTICS_FAILED`: run statistics were refused
 * - `BPF_NETLINK_FAILED`: a route netlink socket could not be opened, read or written
 * - `BPF_ETHTOOL_FAILED`: a network driver's answer could not be had, although there is a driver
 * - `BPF_CLOCK_FAILED`: steps of the clock cannot be watched, or packets not be stamped
 * - `BPF_KERNEL_LOG_FAILED`: the kernel's log could not be opened or read
 * - `BPF_PEER_FAILED`: a descriptor is no socket, or not open
 * - `BPF_FILTER_INVALID`: a text is no filter; always a `FilterError`
 * - `BPF_FILTER_UNAVAILABLE`: there is no libpcap
 */
export type BpfErrorCode =
  | "BPF_ADDON_MISSING"
  | "BPF_ARGUMENT_INVALID"
  | "BPF_CLOSED"
  | "BPF_FILE_UNREADABLE"
  | "BPF_OBJECT_INVALID"
  | "BPF_OBJECT_WITHOUT_BTF"
  | "BPF_NOT_FOUND"
  | "BPF_LOAD_FAILED"
  | "BPF_RELOCATION_FAILED"
  | "BPF_VERIFIER_REJECTED"
  | "BPF_ATTACH_FAILED"
  | "BPF_RUN_FAILED"
  | "BPF_READER_FAILED"
  | "BPF_READER_BUSY"
  | "BPF_MAP_FAILED"
  | "BPF_STATISTICS_FAILED"
  | "BPF_NETLINK_FAILED"
  | "BPF_ETHTOOL_FAILED"
  | "BPF_CLOCK_FAILED"
  | "BPF_KERNEL_LOG_FAILED"
  | "BPF_PEER_FAILED"
  | "BPF_FILTER_INVALID"
  | "BPF_FILTER_UNAVAILABLE";

export type BpfPhase =
  "open" | "load" | "attach" | "run" | "read" | "map" | "probe" | "statistics" | "network" | "clock" | "log";

export interface BpfErrorDetails {
  readonly phase: BpfPhase;
  readonly program?: string | undefined;
  /** Name of the error number, as `EPERM`. */
  readonly errno?: string | undefined;
  readonly cause?: unknown;
}

export class BpfError extends Error {
  readonly code: BpfErrorCode;
  readonly phase: BpfPhase;
  readonly program: string | undefined;
  readonly errno: string | undefined;

  constructor(code: BpfErrorCode, message: string, details: BpfErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "BpfError";
    this.code = code;
    this.phase = details.phase;
    this.program = details.program;
    this.errno = details.errno;
  }
}

export interface VerifierRefusal {
  readonly line: string;
  readonly log: string;
}

/** The verifier's reasons for refusing a program. */
export class VerifierError extends BpfError {
  /** The line that says why. */
  readonly line: string;
  /** Everything the verifier said. */
  readonly log: string;

  constructor(
    message: string,
    details: BpfErrorDetails,
    refusal: VerifierRefusal,
    code: "BPF_VERIFIER_REJECTED" | "BPF_RELOCATION_FAILED" = "BPF_VERIFIER_REJECTED",
  ) {
    super(code, message, details);
    this.name = "VerifierError";
    this.line = refusal.line;
    this.log = refusal.log;
  }
}
