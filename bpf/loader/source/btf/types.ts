/** What BTF can say of a type: Documentation/bpf/btf.rst of the kernel, by its own words. */

/** In the order of the kernel's BTF_KIND_ numbers. */
export const kinds = [
  "void",
  "int",
  "ptr",
  "array",
  "struct",
  "union",
  "enum",
  "fwd",
  "typedef",
  "volatile",
  "const",
  "restrict",
  "func",
  "func_proto",
  "var",
  "datasec",
  "float",
  "decl_tag",
  "type_tag",
  "enum64",
] as const;

export type BtfKind = (typeof kinds)[number];

/** Kinds whose record holds nothing but the id of another type. */
export const referenceKinds = [
  "ptr",
  "typedef",
  "volatile",
  "const",
  "restrict",
  "type_tag",
  "func",
  "var",
  "decl_tag",
] as const;

interface Named {
  readonly id: number;
  /** `""` where the type has none. */
  readonly name: string;
}

export interface BtfInt extends Named {
  readonly kind: "int";
  readonly sizeBytes: number;
  readonly bits: number;
  readonly bitOffset: number;
  readonly isSigned: boolean;
  readonly isBool: boolean;
}

export interface BtfArray extends Named {
  readonly kind: "array";
  readonly elementTypeId: number;
  readonly length: number;
}

export interface BtfMember {
  /** `""` for an anonymous struct or union. */
  readonly name: string;
  readonly typeId: number;
  readonly bitOffset: number;
  /** 0 for a member that is not a bit field. */
  readonly bitFieldSize: number;
}

export interface BtfComposite extends Named {
  readonly kind: "struct" | "union";
  readonly sizeBytes: number;
  readonly members: readonly BtfMember[];
}

export interface BtfEnum extends Named {
  readonly kind: "enum" | "enum64";
  readonly sizeBytes: number;
  readonly isSigned: boolean;
  readonly values: readonly { readonly name: string; readonly value: bigint }[];
}

/** Types that only point to another. */
export interface BtfReference extends Named {
  readonly kind: (typeof referenceKinds)[number];
  readonly typeId: number;
}

export interface BtfFunctionPrototype extends Named {
  readonly kind: "func_proto";
  readonly returnTypeId: number;
  /** A last parameter without name and type stands for `...`. */
  readonly parameters: readonly { readonly name: string; readonly typeId: number }[];
}

export interface BtfDataSection extends Named {
  readonly kind: "datasec";
  readonly variables: readonly {
    readonly typeId: number;
    readonly offset: number;
    readonly sizeBytes: number;
  }[];
}

export type BtfType =
  | BtfInt
  | BtfArray
  | BtfComposite
  | BtfEnum
  | BtfReference
  | BtfFunctionPrototype
  | BtfDataSection
  | (Named & { readonly kind: "void" | "fwd" })
  | (Named & { readonly kind: "float"; readonly sizeBytes: number });
