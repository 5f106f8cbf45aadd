/** Enum constants as labels: `OOM_CONSTRAINT_MEMCG` of `enum oom_constraint` is `memcg`. */
import type { BtfEnum } from "../loader/source/btf/types.ts";

export interface LabelledEnum {
  /** As in C. */
  readonly name: string;
  readonly labels: readonly (readonly [value: number, label: string])[];
}

/** Leaves out the words that all constants begin with. Throws an error that names the field. */
export function labelEnum(name: string, type: BtfEnum, place: string): LabelledEnum {
  const words = type.values.map((value) => value.name.toLowerCase().split("_"));
  const shared = countSharedWords(words, name.toLowerCase().split("_"));
  const labels = new Map<number, string>();
  const used = new Set<string>();
  for (const [index, constant] of type.values.entries()) {
    // Compilers before clang 15 do not say which enums are signed: all are read as unsigned.
    const value = Number(BigInt.asUintN(type.sizeBytes * 8, constant.value));
    if (labels.has(value)) continue;
    const label = (words[index] ?? []).slice(shared).join("_");
    if (used.has(label)) throw new Error(`${place}: two constants of enum ${name} would be called ${label}.`);
    used.add(label);
    labels.set(value, label);
  }
  return { name, labels: [...labels] };
}

/** A constant keeps one word at least; a single constant is compared with the name of its enum. */
function countSharedWords(words: readonly (readonly string[])[], enumName: readonly string[]): number {
  const compared = words.length > 1 ? words : [...words, [...enumName, ""]];
  const limit = Math.min(...compared.map(({ length }) => length)) - 1;
  let shared = 0;
  while (shared < limit && compared.every((each) => each[shared] === compared[0]?.[shared])) shared++;
  return shared;
}
