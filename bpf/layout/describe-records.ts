/** Which fields a record has, from the BTF of its object. Refuses whatever could be read wrongly. */
import { describeType } from "../loader/source/btf/btf.ts";
import type { Btf } from "../loader/source/btf/btf.ts";
import { dataSection } from "../loader/source/btf/data-section.ts";
import type { BtfArray, BtfComposite, BtfEnum, BtfInt, BtfMember } from "../loader/source/btf/types.ts";
import { checkExtents } from "./check-extents.ts";
import { labelEnum } from "./label-enum.ts";
import type { LabelledEnum } from "./label-enum.ts";
import { meanings } from "./meanings.ts";
import type { Meaning } from "./meanings.ts";
import { camelCase } from "./names.ts";

/** The typedef of the first word of every record, which says what it is (bpf/include/event.h). */
const KIND_TYPE = "record_kind";

/** Longer lists of numbers belong into a map, not into a record. */
const listLimit = 64;

export interface Field {
  readonly name: string;
  readonly offset: number;
  readonly value: FieldValue;
}

export interface RecordStruct {
  /** As in C: `oom_record`. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly fields: readonly Field[];
}

export type FieldValue =
  | { readonly kind: "meaning"; readonly meaning: Meaning; readonly sizeBytes: number }
  | { readonly kind: "addresses"; readonly array: NonNullable<Meaning["array"]>; readonly length: number }
  | { readonly kind: "integer"; readonly sizeBytes: number; readonly isSigned: boolean }
  | { readonly kind: "bool" }
  | { readonly kind: "text" | "bytes"; readonly lengthBytes: number }
  | { readonly kind: "enum"; readonly labels: LabelledEnum; readonly sizeBytes: number }
  | { readonly kind: "struct"; readonly struct: RecordStruct }
  | {
      readonly kind: "list";
      readonly element: FieldValue;
      readonly elementSizeBytes: number;
      readonly length: number;
    };

/** Every struct marked with EVENT(). Throws an error that names the field, as `oom_record.comm`. */
export function describeRecords(btf: Btf): RecordStruct[] {
  if (!btf.isLittleEndian)
    throw new Error("The object is big-endian; readers are made for little-endian records.");
  return dataSection(btf, ".event_layouts").map(({ name, typeId }) => {
    const pointer = btf.strip(typeId);
    const struct = pointer.kind === "ptr" ? btf.strip(pointer.typeId) : pointer;
    if (struct.kind !== "struct")
      throw new Error(`${name} is a ${describeType(struct)}: EVENT() takes a struct.`);
    return describeRecord(btf, struct);
  });
}

/** Its kind is for the framework and no field. */
function describeRecord(btf: Btf, struct: BtfComposite): RecordStruct {
  const [kind, ...members] = struct.members;
  if (kind === undefined || !btf.typedefNames(kind.typeId).includes(KIND_TYPE))
    throw new Error(`${struct.name} does not begin with its kind: declare record_kind record_kind; first.`);
  checkExtents(btf, struct);
  return describeMembers(btf, struct, members);
}

function describeStruct(btf: Btf, struct: BtfComposite): RecordStruct {
  checkExtents(btf, struct);
  return describeMembers(btf, struct, struct.members);
}

function describeMembers(btf: Btf, struct: BtfComposite, all: readonly BtfMember[]): RecordStruct {
  const members = all.filter(({ name }) => !name.startsWith("_pad"));
  const fields = members.map((member) => describeField(btf, struct, member));
  const names = new Map<string, string>();
  for (const [index, { name }] of fields.entries()) {
    const original = members[index]?.name ?? "";
    const other = names.get(name);
    if (other !== undefined)
      throw new Error(`${struct.name}.${original} would be called ${name}, as ${other} is.`);
    names.set(name, original);
  }
  return { name: struct.name, sizeBytes: struct.sizeBytes, fields };
}

function describeField(btf: Btf, struct: BtfComposite, member: BtfMember): Field {
  const place = `${struct.name}.${member.name}`;
  return {
    name: camelCase(member.name),
    offset: member.bitOffset / 8,
    value: describeValue(btf, member.typeId, place),
  };
}

function describeValue(btf: Btf, typeId: number, place: string): FieldValue {
  const meaning = meaningOf(btf, typeId);
  if (meaning !== undefined) return { kind: "meaning", meaning, sizeBytes: btf.sizeOf(typeId) };
  const type = btf.strip(typeId);
  const typedefName = btf.typedefNames(typeId)[0];
  if (type.kind === "int") return describeInteger(type, place);
  if (type.kind === "enum" || type.kind === "enum64") return describeEnum(type, typedefName, place);
  if (type.kind === "array") return describeArray(btf, type, place);
  if (type.kind === "struct")
    return { kind: "struct", struct: describeStruct(btf, namedStruct(type, typedefName, place)) };
  throw new Error(`${place} is a ${describeType(type)}: a record cannot hold one.`);
}

function describeInteger(type: BtfInt, place: string): FieldValue {
  if (type.isBool) return { kind: "bool" };
  if (type.sizeBytes > 4) throw new Error(missingMeaning(place, type.sizeBytes));
  return { kind: "integer", sizeBytes: type.sizeBytes, isSigned: type.isSigned };
}

function meaningOf(btf: Btf, typeId: number): Meaning | undefined {
  return btf
    .typedefNames(typeId)
    .map((name) => meanings.get(name))
    .find((meaning) => meaning !== undefined);
}

function missingMeaning(place: string, sizeBytes: number): string {
  const known = [...meanings.keys()].filter((name) => !/^(__|ip_)/.test(name)).join(", ");
  return `${place} is an integer of ${sizeBytes * 8} bits that says no more: declare it as one of ${known}.`;
}

function describeEnum(type: BtfEnum, typedefName: string | undefined, place: string): FieldValue {
  const name = type.name === "" ? typedefName : type.name;
  if (name === undefined) throw new Error(`${place} is an enum without a name: give it one.`);
  if (type.sizeBytes > 4) throw new Error(`${place} is an enum of ${type.sizeBytes} bytes: use one of 4.`);
  return { kind: "enum", sizeBytes: type.sizeBytes, labels: labelEnum(name, type, place) };
}

function namedStruct(type: BtfComposite, typedefName: string | undefined, place: string): BtfComposite {
  const name = type.name === "" ? typedefName : type.name;
  if (name === undefined) throw new Error(`${place} is a struct without a name: give it one.`);
  return { ...type, name };
}

function describeArray(btf: Btf, type: BtfArray, place: string): FieldValue {
  if (type.length === 0) throw new Error(`${place} is an array without a length: records have one size.`);
  const element = btf.strip(type.elementTypeId);
  const meaning = meaningOf(btf, type.elementTypeId);
  if (meaning?.array !== undefined) return { kind: "addresses", array: meaning.array, length: type.length };
  if (meaning === undefined && element.kind === "int" && element.sizeBytes === 1 && !element.isBool) {
    if (element.name === "char") return { kind: "text", lengthBytes: type.length };
    if (!element.isSigned) return { kind: "bytes", lengthBytes: type.length };
  }
  if (type.length > listLimit) throw new Error(`${place} has ${type.length} elements: at most ${listLimit}.`);
  return {
    kind: "list",
    element: describeValue(btf, type.elementTypeId, place),
    elementSizeBytes: btf.sizeOf(type.elementTypeId),
    length: type.length,
  };
}
