/** Makes an object of one type record. */
import { BtfError } from "./btf-error.ts";
import type { TypeIndex } from "./type-index.ts";
import { kinds, referenceKinds } from "./types.ts";
import type { BtfInt, BtfKind, BtfMember, BtfReference, BtfType } from "./types.ts";

const intSigned = 1;
const intBool = 4;
const recordSizeBytes = 12;

/** Throws `BTF_INVALID`. The extent of the record was checked when it was indexed. */
export function readType(index: TypeIndex, id: number): BtfType {
  if (id === 0) return { kind: "void", id, name: "" };
  const at = index.offsets[id];
  if (at === undefined) throw new BtfError("BTF_INVALID", `There is no type ${id}.`);
  return new TypeReader(index, id, at).read();
}

function isReference(kind: BtfKind): kind is BtfReference["kind"] {
  return (referenceKinds as readonly BtfKind[]).includes(kind);
}

class TypeReader {
  readonly #index: TypeIndex;
  readonly #id: number;
  readonly #at: number;
  readonly #name: string;
  readonly #vlen: number;
  readonly #kindFlag: boolean;
  readonly #sizeOrType: number;

  constructor(index: TypeIndex, id: number, at: number) {
    this.#index = index;
    this.#id = id;
    this.#at = at;
    this.#name = this.#string(this.#word(0));
    this.#vlen = this.#word(4) & 0xffff;
    this.#kindFlag = this.#word(4) >>> 31 === 1;
    this.#sizeOrType = this.#word(8);
  }

  read(): BtfType {
    const kind = this.#kind();
    if (isReference(kind)) return { id: this.#id, name: this.#name, kind, typeId: this.#sizeOrType };
    const named = { id: this.#id, name: this.#name };
    const sizeBytes = this.#sizeOrType;
    switch (kind) {
      case "int":
        return this.#int();
      case "array":
        return { ...named, kind, elementTypeId: this.#word(12), length: this.#word(20) };
      case "struct":
      case "union":
        return { ...named, kind, sizeBytes, members: this.#list(12, (at) => this.#member(at)) };
      case "enum":
      case "enum64":
        return { ...named, kind, sizeBytes, isSigned: this.#kindFlag, values: this.#enumValues(kind) };
      case "func_proto":
        return { ...named, kind, returnTypeId: this.#sizeOrType, parameters: this.#parameters() };
      case "datasec":
        return { ...named, kind, variables: this.#variables() };
      case "float":
        return { ...named, kind, sizeBytes };
      case "fwd":
        break;
    }
    return { ...named, kind };
  }

  #kind(): Exclude<BtfKind, "void"> {
    const kind = kinds[(this.#word(4) >>> 24) & 0x1f];
    if (kind === undefined || kind === "void")
      throw new BtfError("BTF_INVALID", `Type ${this.#id} is of no known kind.`);
    return kind;
  }

  #int(): BtfInt {
    const encoding = this.#word(12);
    return {
      kind: "int",
      id: this.#id,
      name: this.#name,
      sizeBytes: this.#sizeOrType,
      bits: encoding & 0xff,
      bitOffset: (encoding >>> 16) & 0xff,
      isSigned: ((encoding >>> 24) & intSigned) !== 0,
      isBool: ((encoding >>> 24) & intBool) !== 0,
    };
  }

  #member(at: number): BtfMember {
    const position = this.#word(at + 8);
    return {
      name: this.#string(this.#word(at)),
      typeId: this.#word(at + 4),
      bitOffset: this.#kindFlag ? position & 0xffffff : position,
      bitFieldSize: this.#kindFlag ? position >>> 24 : 0,
    };
  }

  #enumValues(kind: "enum" | "enum64"): { name: string; value: bigint }[] {
    return this.#list(kind === "enum" ? 8 : 12, (at) => {
      const high = kind === "enum64" ? BigInt(this.#word(at + 8)) << 32n : 0n;
      const raw = high | BigInt(this.#word(at + 4));
      const value = this.#kindFlag ? BigInt.asIntN(kind === "enum" ? 32 : 64, raw) : raw;
      return { name: this.#string(this.#word(at)), value };
    });
  }

  #parameters(): { name: string; typeId: number }[] {
    return this.#list(8, (at) => ({ name: this.#string(this.#word(at)), typeId: this.#word(at + 4) }));
  }

  #variables(): { typeId: number; offset: number; sizeBytes: number }[] {
    return this.#list(12, (at) => ({
      typeId: this.#word(at),
      offset: this.#word(at + 4),
      sizeBytes: this.#word(at + 8),
    }));
  }

  #list<Item>(eachBytes: number, read: (at: number) => Item): Item[] {
    return Array.from({ length: this.#vlen }, (_, index) => read(recordSizeBytes + index * eachBytes));
  }

  #word(at: number): number {
    return this.#index.view.getUint32(this.#at + at, this.#index.isLittleEndian);
  }

  #string(offset: number): string {
    const { strings } = this.#index;
    if (offset >= strings.length)
      throw new BtfError("BTF_INVALID", `A name of type ${this.#id} is not there.`);
    return strings.toString("utf8", offset, strings.indexOf(0, offset));
  }
}
