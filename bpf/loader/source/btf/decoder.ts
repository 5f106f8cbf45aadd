/** Bytes → JavaScript value, for map keys and values of any type. Records have generated readers instead. */
import type { Btf } from "./btf.ts";
import { BtfError } from "./btf-error.ts";
import { readText } from "./text.ts";
import { planValue } from "./value-plan.ts";
import type { PlannedMember, ValuePlan } from "./value-plan.ts";

/**
 * Integers and enums of up to 32 bits are numbers, of 64 bits and pointers bigints; `char[n]` is text up to NUL;
 * structs and unions are objects by field name, where anonymous members belong to the object around them.
 */
export type BtfValue =
  number | bigint | boolean | string | readonly BtfValue[] | { readonly [field: string]: BtfValue };

export type BtfDecoder = (view: DataView, offset: number) => BtfValue;

/**
 * Resolves the type once. Throws `BTF_UNSUPPORTED` naming the field, or `BTF_INVALID`. The decoder throws
 * `BTF_VALUE_INVALID` where the view is too short.
 */
export function compileDecoder(btf: Btf, typeId: number): BtfDecoder {
  const sizeBytes = btf.sizeOf(typeId);
  const decode = decoderOf(planValue(btf, typeId), btf.isLittleEndian);
  return (view, offset) => {
    if (offset < 0 || offset + sizeBytes > view.byteLength) {
      const message = `A value of ${sizeBytes} bytes at ${offset} does not fit into ${view.byteLength} bytes.`;
      throw new BtfError("BTF_VALUE_INVALID", message);
    }
    return decode(view, offset);
  };
}

function decoderOf(plan: ValuePlan, isLittleEndian: boolean): BtfDecoder {
  switch (plan.kind) {
    case "bool":
      return (view, offset) => view.getUint8(offset) !== 0;
    case "integer":
      return plan.isSigned
        ? signedDecoder(plan.sizeBytes, isLittleEndian)
        : unsignedDecoder(plan.sizeBytes, isLittleEndian);
    case "float":
      return plan.sizeBytes === 4
        ? (view, offset) => view.getFloat32(offset, isLittleEndian)
        : (view, offset) => view.getFloat64(offset, isLittleEndian);
    case "text":
      return (view, offset) => readText(view, offset, plan.lengthBytes);
    case "array":
      return arrayDecoder(plan.length, plan.elementSizeBytes, decoderOf(plan.element, isLittleEndian));
    case "struct":
    case "union":
      break;
  }
  return compositeDecoder(flatten(plan.members), isLittleEndian);
}

function unsignedDecoder(sizeBytes: number, isLittleEndian: boolean): BtfDecoder {
  if (sizeBytes === 1) return (view, offset) => view.getUint8(offset);
  if (sizeBytes === 2) return (view, offset) => view.getUint16(offset, isLittleEndian);
  if (sizeBytes === 4) return (view, offset) => view.getUint32(offset, isLittleEndian);
  return (view, offset) => view.getBigUint64(offset, isLittleEndian);
}

function signedDecoder(sizeBytes: number, isLittleEndian: boolean): BtfDecoder {
  if (sizeBytes === 1) return (view, offset) => view.getInt8(offset);
  if (sizeBytes === 2) return (view, offset) => view.getInt16(offset, isLittleEndian);
  if (sizeBytes === 4) return (view, offset) => view.getInt32(offset, isLittleEndian);
  return (view, offset) => view.getBigInt64(offset, isLittleEndian);
}

function arrayDecoder(length: number, elementSizeBytes: number, decode: BtfDecoder): BtfDecoder {
  return (view, offset) => {
    const values: BtfValue[] = [];
    for (let index = 0; index < length; index++) values.push(decode(view, offset + index * elementSizeBytes));
    return values;
  };
}

function compositeDecoder(members: readonly PlannedMember[], isLittleEndian: boolean): BtfDecoder {
  const fields = members.map(({ name, offset, plan }) => ({
    name,
    offset,
    decode: decoderOf(plan, isLittleEndian),
  }));
  return (view, base) => {
    const value: Record<string, BtfValue> = {};
    for (const { name, offset, decode } of fields) value[name] = decode(view, base + offset);
    return value;
  };
}

function flatten(members: readonly PlannedMember[], base: number = 0): PlannedMember[] {
  return members.flatMap((member) => {
    const offset = base + member.offset;
    if (member.name === "" && "members" in member.plan) return flatten(member.plan.members, offset);
    return [{ ...member, offset }];
  });
}
