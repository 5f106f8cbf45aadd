/** One empty program on each hook of the events: what passing the hook costs by itself. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compileObject } from "#bpf/compile/compile-object.ts";
import { findTools } from "#bpf/compile/find-tools.ts";

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

/** Path of the object, below `folder`, which is relative to `root`. */
export async function compileEmptyPrograms(
  root: string,
  folder: string,
  names: ReadonlyMap<string, string>,
): Promise<string> {
  const programs = [...names].map(([hook, name]) => `SEC("${hook}") int ${name}(void *ctx) { return 0; }`);
  const license = 'char LICENSE[] SEC("license") = "Dual BSD/GPL";';
  mkdirSync(join(root, folder), { recursive: true });
  const source = `${folder}/empty.bpf.c`;
  writeFileSync(join(root, source), `${[head, ...programs, license].join("\n")}\n`);
  await compileObject({ root, source, output: `${folder}/empty.bpf.o`, tools: findTools() });
  return join(root, folder, "empty.bpf.o");
}
