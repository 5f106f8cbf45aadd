/** Questions that the kernel's BTF answers: nothing is loaded, no privilege is needed. */
import type { Btf } from "./btf/btf.ts";
import { enumNames as namesOf, hasField, hasType, tracepointArgumentCount } from "./btf/kernel.ts";
import { BtfError } from "./btf/btf-error.ts";
import { kernelBtf, tryKernelBtf } from "./kernel-btf.ts";
import type { KernelBtfOptions } from "./kernel-btf.ts";
import { no, unknown, yes } from "./probe-answer.ts";
import type { ProbeAnswer } from "./probe-answer.ts";

export type TracepointAnswer =
  | { readonly answer: "yes"; readonly argumentCount: number }
  | { readonly answer: "no" | "unknown"; readonly why: string };

/** Whether the kernel describes its types, as CO-RE needs; `no` names CONFIG_DEBUG_INFO_BTF. */
export function probeKernelBtf(options: KernelBtfOptions = {}): ProbeAnswer {
  const btf = tryKernelBtf(options);
  return typeof btf === "string" ? no(btf) : yes;
}

/**
 * Whether the kernel has this tracepoint (`kfree_skb`), and how many arguments a `raw_tp` or `tp_btf` program sees.
 * Looks at the kernel itself, not at tracepoints that a module brings.
 */
export function probeTracepoint(name: string, options: KernelBtfOptions = {}): TracepointAnswer {
  const btf = tryKernelBtf(options);
  if (typeof btf === "string") return { answer: "unknown", why: btf };
  const argumentCount = tracepointArgumentCount(btf, name);
  if (argumentCount === undefined) return { answer: "no", why: `this kernel has no tracepoint ${name}` };
  return { answer: "yes", argumentCount };
}

/** Struct, union, enum or typedef. */
export function probeType(name: string, options: KernelBtfOptions = {}): ProbeAnswer {
  return ask(options, (btf) => (hasType(btf, name) ? yes : no(`this kernel has no type ${name}`)));
}

/** Of a struct or union, also in its anonymous members. */
export function probeField(type: string, field: string, options: KernelBtfOptions = {}): ProbeAnswer {
  return ask(options, (btf) => {
    if (hasField(btf, type, field)) return yes;
    return no(
      hasType(btf, type) ? `${type} of this kernel has no field ${field}` : `this kernel has no type ${type}`,
    );
  });
}

/** The kernel's names of an enum's values, as of `skb_drop_reason`; empty without such an enum or without BTF. */
export function enumNames(enumName: string, options: KernelBtfOptions = {}): ReadonlyMap<number, string> {
  try {
    return namesOf(kernelBtf(options), enumName);
  } catch (error) {
    if (error instanceof BtfError) return new Map();
    throw error;
  }
}

function ask(options: KernelBtfOptions, question: (btf: Btf) => ProbeAnswer): ProbeAnswer {
  const btf = tryKernelBtf(options);
  return typeof btf === "string" ? unknown(btf) : question(btf);
}
