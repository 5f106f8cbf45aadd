/** What events ask about the running kernel: which hooks, names of enum values, symbols of addresses. */
import { KernelSymbols, enumNames, probeTracepoint } from "bpf-loader-napi";
import type { EventBpf } from "./contract.ts";

/** The top of every stack is the program that took it and its caller (kernel/trace/bpf_trace.c). */
const BPF_FRAME = /^(?:bpf_|0x|__bpf_|__traceiter_)/;

/** Text that stands for waiting itself: the kernel leaves the first out of wait channels (in_sched_functions). */
const schedulerSections = [
  ["__sched_text_start", "__sched_text_end"],
  ["__lock_text_start", "__lock_text_end"],
] as const;

export type KernelNames = Pick<EventBpf, "hasTracepoint" | "enumNames" | "stack" | "symbol" | "isScheduler">;

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
  let scheduler: readonly (readonly [begin: bigint, end: bigint])[] | undefined;
  return {
    symbol,
    isScheduler: (address) => {
      scheduler ??= schedulerSections.map(([begin, end]) => [
        symbols.addressOf(begin) ?? 0n,
        symbols.addressOf(end) ?? 0n,
      ]);
      return scheduler.some(([begin, end]) => address >= begin && address < end);
    },
    stack: (addresses) => {
      const frames = addresses.map(symbol);
      const first = frames.findIndex((frame) => !BPF_FRAME.test(frame));
      return frames.slice(Math.max(first, 0)).join("\n");
    },
    enumNames: (enumName) => enumNames(enumName),
    hasTracepoint: (name, argumentCount = 0) => {
      const probed = probeTracepoint(name);
      return probed.answer === "yes" && probed.argumentCount >= argumentCount;
    },
  };
}
