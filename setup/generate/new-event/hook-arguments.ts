/** The arguments of a hook as a BPF program spells them: the kernel's types are not at hand when it is compiled. */
import { camelCase } from "#bpf/layout/names.ts";
import type { Btf } from "#bpf/loader/source/btf/btf.ts";
import type { TracepointParameter } from "#bpf/loader/source/btf/kernel.ts";
import type { BtfType } from "#bpf/loader/source/btf/types.ts";

export interface HookArgument {
  /** Of the parameter, of the record's field, and the last word of the attribute. */
  readonly name: string;
  /** With the space or the asterisk that stands before the name. */
  readonly type: string;
  /** The struct or union that it points to, as `struct task_struct`. */
  readonly struct?: string;
  /** Of an argument that a record can hold. */
  readonly field?: {
    readonly type: string;
    readonly sizeBytes: number;
    readonly attribute: "int" | "boolean";
  };
}

/** Names that the generated program and its record have already. */
const taken = ["time", "cgroup_id", "pid", "tid", "comm", "cgroup", "ctx", "count", "record", "self", "ids"];

export function describeArguments(btf: Btf, parameters: readonly TracepointParameter[]): HookArgument[] {
  const used = new Set(taken.map(camelCase));
  return parameters.map(({ name, typeId }, index) => {
    const free = findFreeName(name, index + 1, used);
    used.add(camelCase(free));
    return { name: free, ...spell(btf, typeId) };
  });
}

/** `argument3` where the kernel names none, `pid_argument` where the name has another meaning in the record. */
function findFreeName(given: string, position: number, used: ReadonlySet<string>): string {
  const words = given.toLowerCase().split("_").filter(Boolean).join("_");
  const name = /^[a-z]/.test(words) ? words : `argument${position}`;
  const isFree = (wanted: string): boolean => !used.has(camelCase(wanted));
  return [name, `${name}_argument`].find(isFree) ?? `${name}_argument${position}`;
}

function spell(btf: Btf, typeId: number): Omit<HookArgument, "name"> {
  const type = btf.strip(typeId);
  if (type.kind === "ptr") return spellPointer(btf, type.typeId);
  if (type.kind === "int" && type.isBool)
    return { type: "bool ", field: { type: "bool", sizeBytes: type.sizeBytes, attribute: "boolean" } };
  if (type.kind === "int" || type.kind === "enum" || type.kind === "enum64") {
    const { sizeBytes, isSigned } = type;
    const word = `__${isSigned ? "s" : "u"}${sizeBytes * 8}`;
    // A record says what 64 bits mean.
    const wide = isSigned ? "signed_number" : "unsigned_number";
    return {
      type: `${word} `,
      field: { type: sizeBytes === 8 ? wide : word, sizeBytes, attribute: "int" },
    };
  }
  // A small struct or union by value: it fills one of the program's 64-bit arguments.
  return { type: "__u64 " };
}

function spellPointer(btf: Btf, typeId: number): Omit<HookArgument, "name"> {
  const target = btf.strip(typeId);
  const struct = nameStruct(target);
  const isConst = hasConst(btf, typeId);
  if (struct !== undefined) return { type: `${isConst ? "const " : ""}${struct} *`, struct };
  const isText = target.kind === "int" && target.name === "char";
  return { type: isText && isConst ? "const char *" : "void *" };
}

function nameStruct({ kind, name }: BtfType): string | undefined {
  if (name === "" || (kind !== "struct" && kind !== "union" && kind !== "fwd")) return undefined;
  // The kernel's BTF seldom holds a mere declaration, and a pointer to it can be called one to a struct.
  return `${kind === "union" ? "union" : "struct"} ${name}`;
}

function hasConst(btf: Btf, typeId: number): boolean {
  let type = btf.type(typeId);
  const inside = btf.strip(typeId).id;
  while (type.id !== inside && "typeId" in type) {
    if (type.kind === "const") return true;
    type = btf.type(type.typeId);
  }
  return false;
}
