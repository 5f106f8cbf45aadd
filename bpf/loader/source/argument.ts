/** Refuses arguments of the wrong type, which JavaScript callers may pass, before they reach C++. */
import { inspect } from "node:util";
import { BpfError } from "./error.ts";
import type { BpfPhase } from "./error.ts";

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
