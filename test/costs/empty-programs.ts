/** Programs to compare with: an empty one on each hook of the events, and one for each part that a program is made of. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileObject } from "#bpf/compile/compile-object.ts";
import { findTools } from "#bpf/compile/find-tools.ts";

const root = join(import.meta.dirname, "../..");
const folder = "build/costs";

/** Hooks that a program is attached to by its section alone. */
const comparable = /^(?:tp_btf|raw_tp|raw_tracepoint|tracepoint|tp|kprobe|kretprobe|fentry|fexit)\/[\w/+]+$/;

const head = `// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
`;

/** Name of the empty program, by hook. */
export function nameEmptyPrograms(hooks: readonly string[]): Map<string, string> {
  const found = [...new Set(hooks)].filter((hook) => comparable.test(hook)).sort();
  return new Map(found.map((hook) => [hook, `empty_${hook.replaceAll(/\W/g, "_")}`]));
}

/** Path of the object, relative to the root of the project. */
export async function compileEmptyPrograms(names: ReadonlyMap<string, string>): Promise<string> {
  const programs = [...names].map(([hook, name]) => `SEC("${hook}") int ${name}(void *ctx) { return 0; }`);
  const license = 'char LICENSE[] SEC("license") = "Dual BSD/GPL";';
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, "empty.bpf.c"), `${[head, ...programs, license].join("\n")}\n`);
  return compileInto(`${folder}/empty.bpf.c`, "empty.bpf.o");
}

/** Path of the object of `guest/parts.bpf.c`, relative to the root of the project. */
export async function compileParts(): Promise<string> {
  mkdirSync(join(root, folder), { recursive: true });
  return compileInto("test/costs/guest/parts.bpf.c", "parts.bpf.o");
}

async function compileInto(source: string, name: string): Promise<string> {
  const output = `${folder}/${name}`;
  await compileObject({ root, source, output, tools: findTools() });
  return output;
}
