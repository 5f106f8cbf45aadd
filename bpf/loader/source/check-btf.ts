/** Keeps damaged type information from libbpf, which before 1.4 follows a type id without looking whether it exists. */
import { BtfError } from "./btf/btf-error.ts";
import type { Btf } from "./btf/btf.ts";
import type { BtfType } from "./btf/types.ts";

/** Throws `BTF_INVALID` where a type refers to one that is not there, or to itself. */
export function checkBtf(btf: Btf): void {
  for (let id = 1; id <= btf.typeCount; id++) {
    const type = btf.type(id);
    for (const reference of referencesOf(type)) {
      if (reference > btf.typeCount)
        throw new BtfError("BTF_INVALID", `Type ${id} refers to type ${reference} of ${btf.typeCount}.`);
    }
    btf.strip(id);
    if (type.kind === "datasec") checkVariables(btf, type.variables);
  }
}

function checkVariables(btf: Btf, variables: readonly { readonly typeId: number }[]): void {
  for (const { typeId } of variables) {
    const { kind } = btf.type(typeId);
    if (kind !== "var" && kind !== "func")
      throw new BtfError("BTF_INVALID", `Type ${typeId} in a data section is a ${kind}.`);
  }
}

function referencesOf(type: BtfType): number[] {
  if ("members" in type) return type.members.map(({ typeId }) => typeId);
  if ("parameters" in type) return [type.returnTypeId, ...type.parameters.map(({ typeId }) => typeId)];
  if ("variables" in type) return type.variables.map(({ typeId }) => typeId);
  if ("elementTypeId" in type) return [type.elementTypeId];
  return "typeId" in type ? [type.typeId] : [];
}
