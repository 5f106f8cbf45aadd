/** An event that reports every passing of one tracepoint, as the beginning of an event that reports less and says more. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { format, resolveConfig } from "prettier";
import { loadKernelBtf, tracepointNames, tracepointParameters } from "#bpf/loader/source/btf/kernel.ts";
import type { Btf } from "#bpf/loader/source/btf/btf.ts";
import { rankNearest } from "#otel-config/nearest.ts";
import { takenLastWords } from "#receiver/telemetry/check-last-words.ts";
import { readTelemetry } from "#receiver/telemetry/read-telemetry.ts";
import { describeArguments } from "./hook-arguments.ts";
import { writeEvent } from "./write-event.ts";

export interface NewEvent {
  /** Of the tree. */
  readonly root: string;
  /** Of the plug-in that the event is for; the tree itself where left out. */
  readonly into?: string;
  readonly name: string;
  /** As `tp_btf/mark_victim`. */
  readonly hook: string;
  /** Another file than the running kernel's. */
  readonly kernelBtfPath?: string;
}

/** What `___bpf_ctx_cast` of libbpf, and the kernel's MAX_BPF_FUNC_ARGS, can take. */
const ARGUMENT_LIMIT = 12;
const LISTED = 3;

/**
 * Answers the paths of the files that were written; `npm run generate` writes the rest. Throws a sentence where the name is
 * taken or is none, where the kernel does not have the hook, and where it has no BTF; nothing is written then.
 */
export async function newEvent({
  root,
  into = root,
  name,
  hook,
  kernelBtfPath,
}: NewEvent): Promise<string[]> {
  checkName([root, into], name);
  const [, tracepoint] = /^tp_btf\/(\w+)$/.exec(hook) ?? [];
  if (tracepoint === undefined) throw new Error(`${hook} is not a hook of the form tp_btf/HOOK.`);
  const btf = loadKernelBtf(kernelBtfPath);
  const parameters = tracepointParameters(btf, tracepoint);
  if (parameters === undefined) throw new Error(describeMissing(btf, tracepoint));
  if (parameters.length > ARGUMENT_LIMIT)
    throw new Error(
      `${hook} has ${parameters.length} arguments: a BPF program sees at most ${ARGUMENT_LIMIT}.`,
    );
  const hookArguments = describeArguments(btf, parameters);
  const takenWords = takenLastWords(readTelemetry(root));
  const known = declaredStructs(join(root, "bpf/include"), "kernel.h");
  const files = await Promise.all(
    Object.entries(writeEvent({ name, tracepoint, hookArguments, known, takenWords })).map(
      async ([file, text]) => [`events/${name}/${file}`, await formatText(root, file, text)] as const,
    ),
  );
  mkdirSync(join(into, "events", name), { recursive: true });
  for (const [path, text] of files) writeFileSync(join(into, path), text);
  return files.map(([path]) => path);
}

function checkName(roots: readonly string[], name: string): void {
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name))
    throw new Error(
      `${name} cannot name an event: a name has lower-case letters, digits and single underscores, and begins with a letter, as tcp_retransmit does.`,
    );
  if (roots.some((root) => existsSync(join(root, "events", name))))
    throw new Error(`The name ${name} is taken: there is a folder events/${name}.`);
}

function describeMissing(btf: Btf, tracepoint: string): string {
  const names = tracepointNames(btf);
  const words = tracepoint.split("_");
  const holding = names.filter((name) => words.every((word) => name.split("_").includes(word)));
  const near = [...new Set([...holding, ...rankNearest(tracepoint, names)])].slice(0, LISTED);
  const hint =
    near.length > 0
      ? `The nearest ${near.length === 1 ? "is" : "are"} ${near.map((name) => `tp_btf/${name}`).join(", ")}.`
      : "None has a similar name.";
  return `This kernel has no tracepoint ${tracepoint}; those of modules are not searched. ${hint}`;
}

async function formatText(root: string, file: string, text: string): Promise<string> {
  if (extname(file) === ".c") return formatC(root, text);
  const path = join(root, "events", file);
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** Structs and unions that a header of ours declares, itself or by what it includes, as `struct task_struct`. */
function declaredStructs(folder: string, header: string): Set<string> {
  const found = new Set<string>();
  const seen = new Set<string>();
  const open = [header];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    // Headers of the system stand elsewhere.
    if (seen.has(path) || !existsSync(join(folder, path))) continue;
    seen.add(path);
    const text = readFileSync(join(folder, path), "utf8");
    for (const [, struct = ""] of text.matchAll(/^((?:struct|union) \w+)(?: \{|;)/gm)) found.add(struct);
    for (const [, included = ""] of text.matchAll(/^#include "([^"]+)"/gm)) open.push(included);
  }
  return found;
}

function formatC(root: string, text: string): string {
  const style = [`--style=file:${join(root, ".clang-format")}`, "--assume-filename=event.c"];
  try {
    return execFileSync("clang-format", style, { input: text, encoding: "utf8" });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ENOENT") throw cause;
    throw new Error("clang-format is not in the PATH: install the Debian package clang-format.", { cause });
  }
}
