/** Questions to the types of the running kernel: names of values, and whether something is there. */
import { readFileSync } from "node:fs";
import { parseBtf } from "./btf.ts";
import type { Btf } from "./btf.ts";
import { BtfError } from "./btf-error.ts";

/** Throws `BTF_UNAVAILABLE` where the kernel offers none, `BTF_INVALID` where it cannot be read. */
export function loadKernelBtf(path: string = "/sys/kernel/btf/vmlinux"): Btf {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const message = `The kernel's type information could not be read from ${path}: it needs a kernel with CONFIG_DEBUG_INFO_BTF=y and /sys mounted.`;
    throw new BtfError("BTF_UNAVAILABLE", message, { cause });
  }
  return parseBtf(bytes);
}

/** Names by value; empty where there is no such enum. Of two names for one value the first counts. */
export function enumNames(btf: Btf, enumName: string): Map<number, string> {
  const names = new Map<number, string>();
  const id = btf.find(enumName, "enum") ?? btf.find(enumName, "enum64");
  if (id === undefined) return names;
  const type = btf.type(id);
  if (type.kind !== "enum" && type.kind !== "enum64") return names;
  for (const { name, value } of type.values) {
    if (!names.has(Number(value))) names.set(Number(value), name);
  }
  return names;
}

/** Arguments that a `tp_btf` or raw tracepoint program of this tracepoint sees; undefined where it does not exist. */
export function tracepointArgumentCount(btf: Btf, name: string): number | undefined {
  return tracepointTypes(btf, name)?.length;
}

export interface TracepointParameter {
  /** `""` where the kernel does not say it. */
  readonly name: string;
  readonly typeId: number;
}

/**
 * The arguments with their names; undefined where the tracepoint does not exist. The typedef `btf_trace_<name>` has only types;
 * the function `__traceiter_<name>` (include/linux/tracepoint.h) has the same parameters with names.
 */
export function tracepointParameters(btf: Btf, name: string): TracepointParameter[] | undefined {
  const types = tracepointTypes(btf, name);
  const id = btf.find(`__traceiter_${name}`, "func");
  const iterator = id === undefined ? undefined : btf.type(id);
  const prototype = iterator && "typeId" in iterator ? btf.strip(iterator.typeId) : undefined;
  const named = prototype?.kind === "func_proto" ? prototype.parameters.slice(1) : [];
  return types?.map(({ typeId }, index) => ({ name: named[index]?.name ?? "", typeId }));
}

/** All tracepoints that `tp_btf` programs can be attached to. */
export function tracepointNames(btf: Btf): string[] {
  const names: string[] = [];
  for (let id = 1; id <= btf.typeCount; id++) {
    const { kind, name } = btf.type(id);
    if (kind === "typedef" && name.startsWith(tracepointPrefix))
      names.push(name.slice(tracepointPrefix.length));
  }
  return names.sort();
}

const tracepointPrefix = "btf_trace_";

function tracepointTypes(btf: Btf, name: string): readonly TracepointParameter[] | undefined {
  const id = btf.find(`${tracepointPrefix}${name}`, "typedef");
  if (id === undefined) return undefined;
  const pointer = btf.strip(id);
  if (pointer.kind !== "ptr") return undefined;
  const prototype = btf.strip(pointer.typeId);
  // The first parameter is the private data of the probe, which no BPF program sees.
  return prototype.kind === "func_proto" ? prototype.parameters.slice(1) : undefined;
}

/** Whether there is a struct, union, enum or typedef of that name with a definition. */
export function hasType(btf: Btf, name: string): boolean {
  const defined = ["struct", "union", "enum", "enum64", "typedef"] as const;
  return defined.some((kind) => btf.find(name, kind) !== undefined);
}

/** Whether a struct or union has the field, also inside its anonymous members. */
export function hasField(btf: Btf, typeName: string, field: string): boolean {
  const ids = [...btf.findAll(typeName, "struct"), ...btf.findAll(typeName, "union")];
  const seen = new Set<number>();
  return ids.some((id) => isMember(btf, id, field, seen));
}

/** `seen` ends the walk through damaged types, whose anonymous members may lead back to themselves. */
function isMember(btf: Btf, id: number, field: string, seen: Set<number>): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const type = btf.strip(id);
  if (type.kind !== "struct" && type.kind !== "union") return false;
  return type.members.some((member) =>
    member.name === "" ? isMember(btf, member.typeId, field, seen) : member.name === field,
  );
}
