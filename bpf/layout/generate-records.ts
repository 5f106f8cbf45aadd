/** Every event's object into the reader of its record. */
import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { loadObjectBtf } from "../loader/source/btf/object.ts";
import { describeRecords } from "./describe-records.ts";
import { settleFiles } from "./generated-files.ts";
import type { GeneratedFile } from "./generated-files.ts";
import { writeRecords } from "./write-records.ts";

/** Answers the files that differed. Throws an error that names the object and the field. */
export async function generateRecords(root: string, isCheck: boolean): Promise<string[]> {
  const sources = globSync("{events,receiver}/*/*.bpf.c", { cwd: root }).sort();
  const files = await Promise.all(sources.filter(hasRecords).map((source) => generate(root, source)));
  return settleFiles(root, files.flat(), isCheck);
}

/** An event's records are in the program that bears its name; other programs of its folder have none. */
function hasRecords(source: string): boolean {
  return source.startsWith("receiver/") || basename(source, ".bpf.c") === basename(dirname(source));
}

async function generate(root: string, source: string): Promise<GeneratedFile[]> {
  const object = source.replace(/\.c$/, ".o");
  if (!existsSync(join(root, object))) throw new Error(`${object} is missing: run npm run build:bpf.`);
  try {
    const records = describeRecords(loadObjectBtf(join(root, object)));
    if (records.length === 0) return [];
    const path = join(dirname(source), "record.generated.ts");
    return [{ path, text: await writeRecords(join(root, path), source, records) }];
  } catch (cause) {
    throw new Error(`${object}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
