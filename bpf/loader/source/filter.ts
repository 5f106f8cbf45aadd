/** Filters in tcpdump's language (pcap-filter(7)) as classic BPF. */
import { requireCount, requireText } from "./argument.ts";
import { BpfError } from "./error.ts";
import { findFilterMistake } from "./filter-mistake.ts";
import { native } from "./native.ts";

/** As `struct sock_filter` of linux/filter.h. */
export interface FilterInstruction {
  readonly code: number;
  /** How many instructions to skip. */
  readonly ifTrue: number;
  readonly ifFalse: number;
  readonly constant: number;
}

export interface FilterOptions {
  /** What packets begin with: DLT_EN10MB (1, the default), DLT_RAW (12), … */
  readonly linkType?: number;
  /** How much of a packet is kept, in bytes; an accepting program returns it. */
  readonly snapshotBytes?: number;
}

/** The text is no filter: `message` is libpcap's. */
export class FilterError extends BpfError {
  /** Where in the text, in characters from 0; its length where something is missing at the end. */
  readonly position: number;

  constructor(message: string, position: number) {
    super("BPF_FILTER_INVALID", message, { phase: "open" });
    this.name = "FilterError";
    this.position = position;
  }
}

const ETHERNET = 1;
const SNAPSHOT_BYTES = 262_144;
const instructionBytes = 8;

/**
 * Compiles with libpcap, optimised. Throws a `FilterError` for a text that is no filter, `BPF_FILTER_UNAVAILABLE` where
 * there is no libpcap. Names of hosts are looked up, which may take its time.
 */
export function compileFilter(text: string, options: FilterOptions = {}): readonly FilterInstruction[] {
  requireText("text", text, "open");
  const { linkType = ETHERNET, snapshotBytes = SNAPSHOT_BYTES } = options;
  requireCount("snapshotBytes", snapshotBytes, "open");
  const compile = (part: string): ReturnType<typeof compileNative> =>
    compileNative(part, linkType, snapshotBytes);
  const { code, refusal } = compile(text);
  if (code !== undefined) return readInstructions(code);
  const isFilter = (part: string): boolean => compile(part).code !== undefined;
  throw new FilterError(refusal ?? "", findFilterMistake(text, refusal ?? "", isFilter));
}

function compileNative(
  text: string,
  linkType: number,
  snapshotBytes: number,
): { readonly code?: Uint8Array; readonly refusal?: string } {
  const { code, refusal, trouble } = native().filter_compile(text, linkType, snapshotBytes);
  if (trouble === undefined) return { ...(code && { code }), ...(refusal !== undefined && { refusal }) };
  throw new BpfError("BPF_FILTER_UNAVAILABLE", `Filters cannot be compiled: ${trouble}.`, { phase: "open" });
}

function readInstructions(bytes: Uint8Array): FilterInstruction[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.byteLength / instructionBytes }, (_, index) => {
    const at = index * instructionBytes;
    return {
      code: view.getUint16(at, true),
      ifTrue: view.getUint8(at + 2),
      ifFalse: view.getUint8(at + 3),
      constant: view.getUint32(at + 4, true),
    };
  });
}
