/** Refuses arguments of the wrong type, which JavaScript callers may pass, before they reach C++. */
import { inspect } from "node:util";
import { BpfError } from "./error.ts";
import type { BpfPhase } from "./error.ts";
import type { NativeMap } from "./native.ts";

export function requireText(name: string, value: unknown, phase: BpfPhase): asserts value is string {
  // A NUL would end the name early on the other side.
  if (typeof value !== "string" || value.includes("\0"))
    throw refuse(name, "a string without NUL", value, phase);
}

export function requireCount(name: string, value: unknown, phase: BpfPhase): asserts value is number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < 1 || value > 0xffff_ffff)
    throw refuse(name, "a whole number from 1 to 2^32 - 1", value, phase);
}

export function refuse(name: string, allowed: string, value: unknown, phase: BpfPhase): BpfError {
  const shown = inspect(value, { depth: 0, maxStringLength: 60, maxArrayLength: 4, breakLength: Infinity });
  const message = `${name} must be ${allowed}, not ${shown}.`;
  return new BpfError("BPF_ARGUMENT_INVALID", message, { phase });
}

/** What two declarations of one map have in common. */
const shape = ["name", "type", "keySizeBytes", "valueSizeBytes"] as const;

/**
 * Refuses to make one map of two that are unlike: programs were compiled for these sizes, and libbpf takes over whatever
 * map it is given. The capacity is that of the map that exists.
 */
export function requireAlike(own: NativeMap, theirs: NativeMap): void {
  const differences = shape.filter((property) => own[property] !== theirs[property]);
  if (differences.length === 0) return;
  const parts = differences.map(
    (property) => `${property} is ${own[property]} here and ${theirs[property]} there`,
  );
  const message = `Map ${own.name} cannot be shared: its ${parts.join(", its ")}.`;
  throw new BpfError("BPF_ARGUMENT_INVALID", message, { phase: "open" });
}
