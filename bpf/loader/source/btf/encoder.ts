/** JavaScript value → bytes, for map keys and values, and for constants. */
import type { Btf } from "./btf.ts";
import { BtfError } from "./btf-error.ts";
import type { BtfValue } from "./decoder.ts";
import { writeText } from "./text.ts";
import { planValue } from "./value-plan.ts";
import type { PlannedMember, ValuePlan } from "./value-plan.ts";

/** A struct is written from all of its fields, a union from at least one; `Uint8Array` serves as array of bytes. */
export type BtfInput =
  | number
  | bigint
  | boolean
  | string
  | Uint8Array
  | readonly BtfInput[]
  | { readonly [field: string]: BtfInput };

export type BtfEncoder = (value: BtfInput | BtfValue, view: DataView, offset: number) => void;

type Write = (value: BtfInput, view: DataView, offset: number, name: string) => void;

/**
 * Resolves the type once. Throws `BTF_UNSUPPORTED` naming the field, or `BTF_INVALID`. The encoder also writes
 * padding (as zeros), takes 64-bit integers as number or bigint, and throws `BTF_VALUE_INVALID` naming the field.
 */
export function compileEncoder(btf: Btf, typeId: number): BtfEncoder {
  const sizeBytes = btf.sizeOf(typeId);
  const write = writerOf(planValue(btf, typeId), btf.isLittleEndian);
  return (value, view, offset) => {
    if (offset < 0 || offset + sizeBytes > view.byteLength)
      throw invalid(`${sizeBytes} bytes at ${offset} do not fit into ${view.byteLength} bytes.`);
    new Uint8Array(view.buffer, view.byteOffset + offset, sizeBytes).fill(0);
    write(value, view, offset, "value");
  };
}

function writerOf(plan: ValuePlan, isLittleEndian: boolean): Write {
  switch (plan.kind) {
    case "bool":
      return writeBool;
    case "integer":
      return integerWriter(plan.sizeBytes, plan.isSigned, isLittleEndian);
    case "float":
      return floatWriter(plan.sizeBytes, isLittleEndian);
    case "text":
      return textWriter(plan.lengthBytes);
    case "array":
      return arrayWriter(plan.length, plan.elementSizeBytes, writerOf(plan.element, isLittleEndian));
    case "struct":
    case "union":
      break;
  }
  return compositeWriter(plan, isLittleEndian);
}

const writeBool: Write = (value, view, offset, name) => {
  if (typeof value !== "boolean") throw mismatch(name, "true or false", value);
  view.setUint8(offset, value ? 1 : 0);
};

function integerWriter(sizeBytes: number, isSigned: boolean, isLittleEndian: boolean): Write {
  const bits = BigInt(sizeBytes * 8);
  const lowest = isSigned ? -(1n << (bits - 1n)) : 0n;
  const highest = (1n << (isSigned ? bits - 1n : bits)) - 1n;
  const expected = `an integer from ${lowest} to ${highest}`;
  return (value, view, offset, name) => {
    if (typeof value !== "bigint" && !Number.isInteger(value)) throw mismatch(name, expected, value);
    const exact = BigInt(value as bigint | number);
    if (exact < lowest || exact > highest) throw mismatch(name, expected, value);
    if (sizeBytes === 8) view.setBigUint64(offset, BigInt.asUintN(64, exact), isLittleEndian);
    else if (sizeBytes === 4) view.setUint32(offset, Number(exact), isLittleEndian);
    else if (sizeBytes === 2) view.setUint16(offset, Number(exact), isLittleEndian);
    else view.setUint8(offset, Number(exact));
  };
}

function floatWriter(sizeBytes: number, isLittleEndian: boolean): Write {
  return (value, view, offset, name) => {
    if (typeof value !== "number") throw mismatch(name, "a number", value);
    if (sizeBytes === 4) view.setFloat32(offset, value, isLittleEndian);
    else view.setFloat64(offset, value, isLittleEndian);
  };
}

function textWriter(lengthBytes: number): Write {
  const expected = `text of at most ${lengthBytes} bytes`;
  return (value, view, offset, name) => {
    if (typeof value !== "string" || !writeText(view, offset, lengthBytes, value))
      throw mismatch(name, expected, value);
  };
}

function arrayWriter(length: number, elementSizeBytes: number, write: Write): Write {
  return (value, view, offset, name) => {
    if (!(Array.isArray(value) || value instanceof Uint8Array) || value.length !== length)
      throw mismatch(name, `an array of ${length}`, value);
    for (const [index, element] of (value as readonly BtfInput[]).entries())
      write(element, view, offset + index * elementSizeBytes, `${name}[${index}]`);
  };
}

interface CompositePlan {
  readonly kind: "struct" | "union";
  readonly members: readonly PlannedMember[];
}

function compositeWriter(plan: CompositePlan, isLittleEndian: boolean): Write {
  const names = new Set(fieldNames(plan.members));
  const write = memberWriter(plan, isLittleEndian);
  return (value, view, offset, name) => {
    if (!isFields(value)) throw mismatch(name, `an object with ${[...names].join(", ")}`, value);
    const unknown = Object.keys(value).find((key) => !names.has(key));
    if (unknown !== undefined) throw invalid(`${name} has no field ${unknown}.`);
    write(value, view, offset, name);
  };
}

/** Anonymous members take their fields from the same object. */
function memberWriter(plan: CompositePlan, isLittleEndian: boolean): Write {
  const members = plan.members.map(({ name, offset, plan: inner }) => ({
    name,
    offset,
    fields: name === "" && "members" in inner ? fieldNames(inner.members) : [name],
    write:
      name === "" && "members" in inner
        ? memberWriter(inner, isLittleEndian)
        : writerOf(inner, isLittleEndian),
  }));
  return (value, view, base, path) => {
    const given = value as Readonly<Record<string, BtfInput>>;
    let written = 0;
    for (const { name, offset, fields, write } of members) {
      const isGiven = fields.some((field) => given[field] !== undefined);
      if (!isGiven && plan.kind === "union") continue;
      if (!isGiven) throw invalid(`${path}.${fields.join(" or ")} is missing.`);
      write(
        name === "" ? given : (given[name] as BtfInput),
        view,
        base + offset,
        name === "" ? path : `${path}.${name}`,
      );
      written++;
    }
    if (written === 0 && members.length > 0) throw invalid(`${path} needs one field of the union.`);
  };
}

function fieldNames(members: readonly PlannedMember[]): string[] {
  return members.flatMap(({ name, plan }) =>
    name === "" && "members" in plan ? fieldNames(plan.members) : [name],
  );
}

function isFields(value: BtfInput): value is { readonly [field: string]: BtfInput } {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  );
}

function mismatch(name: string, expected: string, value: unknown): BtfError {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  return invalid(`${name} must be ${expected}, not ${shown}.`);
}

function invalid(message: string): BtfError {
  return new BtfError("BTF_VALUE_INVALID", message);
}
