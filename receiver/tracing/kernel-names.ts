/** What events ask about the running kernel: which hooks, names of enum values, symbols of addresses. */
import { enumNames, probeTracepoint, readTextRanges } from "bpf-loader-napi";
import { createSymbolizer } from "../symbols/symbolizer.ts";
import type { EventBpf } from "./contract.ts";

/** The top of every stack is the program that took it and its caller (kernel/trace/bpf_trace.c). */
const BPF_FRAME = /^(?:bpf_|0x|__bpf_|__traceiter_)/;

export type KernelNames = Pick<EventBpf, "hasTracepoint" | "enumNames" | "stack" | "symbol" | "textRanges">;

/** `write` gets a line where the kernel does not name its addresses. */
export function createKernelNames(write: (line: string) => void = () => {}): KernelNames & Disposable {
  const symbolizer = createSymbolizer((reason) => {
    write(`kerntel: stacks stay numbers: ${reason}\n`);
  });
  const symbol = (address: bigint): string => symbolizer.name([address])[0] ?? "";
  return {
    symbol,
    stack: (addresses) => {
      const frames = symbolizer.name(addresses);
      const first = frames.findIndex((frame) => !BPF_FRAME.test(frame));
      return frames.slice(Math.max(first, 0)).join("\n");
    },
    textRanges: readTextRanges,
    enumNames: (enumName) => enumNames(enumName),
    hasTracepoint: (name, argumentCount = 0) => {
      const probed = probeTracepoint(name);
      return probed.answer === "yes" && probed.argumentCount >= argumentCount;
    },
    [Symbol.dispose]: () => {
      symbolizer[Symbol.dispose]();
    },
  };
}
