/** Where a `const volatile` global lies, and its value as bytes. */
import { BtfError } from "./btf/btf-error.ts";
import type { Btf } from "./btf/btf.ts";
import { dataSection } from "./btf/data-section.ts";
import type { BtfVariable } from "./btf/data-section.ts";
import { compileEncoder } from "./btf/encoder.ts";
import { BpfError } from "./error.ts";

export type Constant = number | bigint | boolean | string;

interface EncodedConstant {
  readonly section: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export function encodeConstant(btf: Btf, name: string, value: Constant): EncodedConstant {
  const known = constantsOf(btf);
  const found = known.find(({ variable }) => variable.name === name);
  if (found === undefined) {
    const names = known.map(({ variable }) => variable.name).join(", ");
    const message = `There is no constant ${name} (const volatile global); there is ${names === "" ? "none" : names}.`;
    throw new BpfError("BPF_NOT_FOUND", message, { phase: "open" });
  }
  const { section, variable } = found;
  const bytes = new Uint8Array(variable.sizeBytes);
  try {
    compileEncoder(btf, variable.typeId)(value, new DataView(bytes.buffer), 0);
  } catch (cause) {
    if (!(cause instanceof BtfError)) throw cause;
    const message = `Constant ${name} cannot be ${String(value)}: ${cause.message}`;
    throw new BpfError("BPF_ARGUMENT_INVALID", message, { phase: "open", cause });
  }
  return { section, offset: variable.offset, bytes };
}

interface PlacedConstant {
  readonly section: string;
  readonly variable: BtfVariable;
}

/** Of `.rodata`, and of sections of a program's own as `.rodata.limits`. */
function constantsOf(btf: Btf): PlacedConstant[] {
  const constants: PlacedConstant[] = [];
  for (let id = 1; id <= btf.typeCount; id++) {
    const { kind, name: section } = btf.type(id);
    if (kind !== "datasec" || !/^\.rodata(\.|$)/.test(section)) continue;
    for (const variable of dataSection(btf, section)) constants.push({ section, variable });
  }
  return constants;
}
