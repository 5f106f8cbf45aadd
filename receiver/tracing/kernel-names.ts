/** What events ask about the running kernel: which hooks, names of enum values, symbols of addresses. */
import { KernelSymbols, enumNames, probeTracepoint } from "bpf-loader-napi";
import type { EventBpf } from "./contract.ts";

/** The top of every stack is the program that took it and its caller (kernel/trace/bpf_trace.c). */
const BPF_FRAME = /^(?:bpf_|0x|__bpf_|__traceiter_)/;

export type KernelNames = Pick<EventBpf, "hasTracepoint" | "enumNames" | "stack" | "symbol" | "textRanges">;

/**
 * Reads the kernel's symbols now, so that the first record does not wait a fifth of a second for them. `write` gets
 * a line where the kernel does not show them.
 */
export function createKernelNames(write: (line: string) => void = () => {}): KernelNames {
  const symbols = new KernelSymbols();
  symbols.lookup(0n);
  if (symbols.unavailable !== undefined) write(`kerntel: stacks stay numbers: ${symbols.unavailable}\n`);
  const symbol = (address: bigint): string => {
    const found = symbols.lookup(address);
    if (found === undefined) return `0x${address.toString(16)}`;
    const module = found.module === undefined || found.module === "" ? "" : ` [${found.module}]`;
    return `${found.name}+0x${found.offset.toString(16)}${module}`;
  };
  return {
    symbol,
    stack: (addresses) => {
      const frames = addresses.map(symbol);
      const first = frames.findIndex((frame) => !BPF_FRAME.test(frame));
      return frames.slice(Math.max(first, 0)).join("\n");
    },
    textRanges: (names) => symbols.ranges(names),
    enumNames: (enumName) => enumNames(enumName),
    hasTracepoint: (name, argumentCount = 0) => {
      const probed = probeTracepoint(name);
      return probed.answer === "yes" && probed.argumentCount >= argumentCount;
    },
  };
}
