/** Which bytes of a type hold which value: resolved once, and shared by reading and writing. */
import { describeType } from "./btf.ts";
import type { Btf } from "./btf.ts";
import { BtfError } from "./btf-error.ts";
import type { BtfArray, BtfComposite, BtfInt, BtfMember, BtfType } from "./types.ts";

type NumberWidth = 1 | 2 | 4 | 8;

export type ValuePlan =
  | { readonly kind: "bool" }
  | { readonly kind: "integer"; readonly sizeBytes: NumberWidth; readonly isSigned: boolean }
  | { readonly kind: "float"; readonly sizeBytes: 4 | 8 }
  | { readonly kind: "text"; readonly lengthBytes: number }
  | {
      readonly kind: "array";
      readonly length: number;
      readonly elementSizeBytes: number;
      readonly element: ValuePlan;
    }
  | { readonly kind: "struct" | "union"; readonly members: readonly PlannedMember[] };

export interface PlannedMember {
  /** `""`: the members of an anonymous struct or union are members of the one around it. */
  readonly name: string;
  /** From the beginning of the struct or union. */
  readonly offset: number;
  readonly plan: ValuePlan;
}

/** Ends the walk through invalid BTF; real types nest a handful of levels and hold some thousand values. */
const depthLimit = 32;
const valueLimit = 1 << 20;

/** Throws `BTF_UNSUPPORTED` with the name of the field, `BTF_INVALID` for types that contradict themselves. */
export function planValue(btf: Btf, typeId: number): ValuePlan {
  return new Planner(btf).plan(typeId, { name: "value", depth: 0, repeated: 1 });
}

interface Place {
  readonly name: string;
  readonly depth: number;
  /** How often the arrays around it hold it. */
  readonly repeated: number;
}

class Planner {
  readonly #btf: Btf;
  #values = 0;

  constructor(btf: Btf) {
    this.#btf = btf;
  }

  plan(typeId: number, place: Place): ValuePlan {
    this.#values += place.repeated;
    if (place.depth > depthLimit || this.#values > valueLimit)
      throw new BtfError("BTF_UNSUPPORTED", `${place.name} nests too deep or is too long.`);
    const type = this.#btf.strip(typeId);
    if (type.kind === "array") return this.#planArray(type, place);
    if (type.kind === "struct" || type.kind === "union") return this.#planComposite(type, place);
    return planScalar(type, place);
  }

  #planArray(array: BtfArray, place: Place): ValuePlan {
    const element = this.#btf.strip(array.elementTypeId);
    if (element.kind === "int" && element.name === "char" && element.sizeBytes === 1)
      return { kind: "text", lengthBytes: array.length };
    return {
      kind: "array",
      length: array.length,
      elementSizeBytes: this.#btf.sizeOf(array.elementTypeId),
      element: this.plan(array.elementTypeId, {
        name: `${place.name}[]`,
        depth: place.depth + 1,
        repeated: place.repeated * array.length,
      }),
    };
  }

  #planComposite(composite: BtfComposite, place: Place): ValuePlan {
    const members = composite.members.map((member) => this.#planMember(composite, member, place));
    return { kind: composite.kind, members };
  }

  #planMember(composite: BtfComposite, member: BtfMember, place: Place): PlannedMember {
    const name = member.name === "" ? place.name : `${place.name}.${member.name}`;
    if (member.bitFieldSize !== 0 || member.bitOffset % 8 !== 0)
      throw new BtfError("BTF_UNSUPPORTED", `${name} is a bit field.`);
    const offset = member.bitOffset / 8;
    if (offset + this.#btf.sizeOf(member.typeId) > composite.sizeBytes)
      throw new BtfError("BTF_INVALID", `${name} ends behind ${describeType(composite)}.`);
    const plan = this.plan(member.typeId, { ...place, name, depth: place.depth + 1 });
    return { name: member.name, offset, plan };
  }
}

function planScalar(type: BtfType, place: Place): ValuePlan {
  if (type.kind === "int") return planInteger(type, place);
  if (type.kind === "ptr") return { kind: "integer", sizeBytes: 8, isSigned: false };
  if (type.kind === "enum" || type.kind === "enum64")
    return { kind: "integer", sizeBytes: width(type.sizeBytes, place), isSigned: type.isSigned };
  if (type.kind === "float" && (type.sizeBytes === 4 || type.sizeBytes === 8))
    return { kind: "float", sizeBytes: type.sizeBytes };
  throw new BtfError("BTF_UNSUPPORTED", `${place.name} is a ${describeType(type)}: it has no value here.`);
}

function planInteger(type: BtfInt, place: Place): ValuePlan {
  if (type.isBool && type.sizeBytes === 1) return { kind: "bool" };
  if (type.bitOffset !== 0 || type.bits !== type.sizeBytes * 8)
    throw new BtfError("BTF_UNSUPPORTED", `${place.name} is a bit field.`);
  return { kind: "integer", sizeBytes: width(type.sizeBytes, place), isSigned: type.isSigned };
}

function width(sizeBytes: number, place: Place): NumberWidth {
  if (sizeBytes === 1 || sizeBytes === 2 || sizeBytes === 4 || sizeBytes === 8) return sizeBytes;
  throw new BtfError("BTF_UNSUPPORTED", `${place.name} is an integer of ${sizeBytes} bytes.`);
}
