/** Types of one BPF object or of the running kernel, read on demand. */
import { BtfError } from "./btf-error.ts";
import { readType } from "./read-type.ts";
import { indexTypes } from "./type-index.ts";
import type { TypeIndex } from "./type-index.ts";
import { kinds } from "./types.ts";
import type { BtfKind, BtfType } from "./types.ts";

/** More levels than any compiler writes; ends the walk through types that refer to each other. */
const depthLimit = 64;
const pointerSizeBytes = 8;
const transparentKinds: ReadonlySet<BtfKind> = new Set<BtfKind>([
  "typedef",
  "volatile",
  "const",
  "restrict",
  "type_tag",
]);

export class Btf {
  readonly #index: TypeIndex;
  /** Those asked for: a long list of members is read once, however often the walk comes by. */
  readonly #types = new Map<number, BtfType>();

  constructor(index: TypeIndex) {
    this.#index = index;
  }

  /** Ids run from 1 to this number; 0 is void. */
  get typeCount(): number {
    return this.#index.offsets.length - 1;
  }

  /** Byte order of this BTF, and so of the values it describes. */
  get isLittleEndian(): boolean {
    return this.#index.isLittleEndian;
  }

  /** Throws `BTF_INVALID` where `id` is out of range or the type's lists contradict themselves. */
  type(id: number): BtfType {
    let type = this.#types.get(id);
    if (type === undefined) {
      type = readType(this.#index, id);
      this.#types.set(id, type);
    }
    return type;
  }

  /** Id of the first type of that name and kind. */
  find(name: string, kind: BtfKind): number | undefined {
    return this.findAll(name, kind)[0];
  }

  /** A kernel may hold several types of one name, as static structs of different files. */
  findAll(name: string, kind: BtfKind): number[] {
    const { view, isLittleEndian, offsets } = this.#index;
    const names = this.#nameOffsets(name);
    const ids: number[] = [];
    if (names.size === 0) return ids;
    const wanted = kinds.indexOf(kind);
    for (let id = 1; id < offsets.length; id++) {
      const at = offsets[id] ?? 0;
      if (((view.getUint32(at + 4, isLittleEndian) >>> 24) & 0x1f) !== wanted) continue;
      if (names.has(view.getUint32(at, isLittleEndian))) ids.push(id);
    }
    return ids;
  }

  /** The type behind typedefs, `const` and the like. */
  strip(id: number): BtfType {
    let type = this.type(id);
    for (let depth = 0; depth < depthLimit; depth++) {
      if (!transparentKinds.has(type.kind) || !("typeId" in type)) return type;
      type = this.type(type.typeId);
    }
    throw new BtfError("BTF_INVALID", `Type ${id} refers to itself.`);
  }

  /** Typedefs around a type, outermost first, looking through `const` and the like: `nanoseconds`, `__u64`. */
  typedefNames(id: number): string[] {
    const names: string[] = [];
    let type = this.type(id);
    for (let depth = 0; depth < depthLimit; depth++) {
      if (type.kind === "typedef") names.push(type.name);
      if (!transparentKinds.has(type.kind) || !("typeId" in type)) break;
      type = this.type(type.typeId);
    }
    return names;
  }

  /** Size in bytes. Throws `BTF_UNSUPPORTED` for what has none: void, functions, types only declared. */
  sizeOf(id: number, depth: number = 0): number {
    if (depth > depthLimit) throw new BtfError("BTF_INVALID", `Type ${id} contains itself.`);
    const type = this.strip(id);
    if ("sizeBytes" in type) return type.sizeBytes;
    if (type.kind === "ptr") return pointerSizeBytes;
    if (type.kind === "array") return type.length * this.sizeOf(type.elementTypeId, depth + 1);
    if (type.kind === "var") return this.sizeOf(type.typeId, depth + 1);
    throw new BtfError("BTF_UNSUPPORTED", `${describeType(type)} has no size.`);
  }

  /** Every place where the strings hold this name, also as the end of a longer one. */
  #nameOffsets(name: string): Set<number> {
    const { strings } = this.#index;
    const text = Buffer.from(`${name}\0`);
    const found = new Set<number>();
    if (name === "") return found;
    for (let at = strings.indexOf(text); at >= 0; at = strings.indexOf(text, at + 1)) found.add(at);
    return found;
  }
}

/** Types of a raw BTF section. Throws `BTF_INVALID`. */
export function parseBtf(bytes: Uint8Array): Btf {
  return new Btf(indexTypes(bytes));
}

/** A type in words, for messages. */
export function describeType(type: BtfType): string {
  return type.name === "" ? `${type.kind} without a name` : `${type.kind} ${type.name}`;
}
