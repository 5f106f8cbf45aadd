/** Variables of a data section such as `.rodata`, `.bss`, or one of a program's own making. */
import type { Btf } from "./btf.ts";

export interface BtfVariable {
  readonly name: string;
  /** From the beginning of the section. */
  readonly offset: number;
  readonly sizeBytes: number;
  readonly typeId: number;
}

/** In the order of the BTF; empty where there is no such section. */
export function dataSection(btf: Btf, name: string): BtfVariable[] {
  const id = btf.find(name, "datasec");
  if (id === undefined) return [];
  const section = btf.type(id);
  if (section.kind !== "datasec") return [];
  return section.variables.flatMap(({ typeId, offset, sizeBytes }) => {
    const variable = btf.type(typeId);
    if (variable.kind !== "var") return [];
    return [{ name: variable.name, offset, sizeBytes, typeId: variable.typeId }];
  });
}
