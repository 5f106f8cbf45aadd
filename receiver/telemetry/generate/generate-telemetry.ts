/**
 * Every `telemetry.yaml` into typed names beside it and tables in the README beside it, and all of them into types for exporters;
 * and the page of names that were others before.
 */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { settleFiles } from "#bpf/layout/generated-files.ts";
import type { GeneratedFile } from "#bpf/layout/generated-files.ts";
import { checkTelemetry } from "../check-telemetry.ts";
import type { TelemetryFile } from "../definition.ts";
import { readTelemetry } from "../read-telemetry.ts";
import { readRenamed } from "../renamed.ts";
import { writeExporters } from "./write-exporters.ts";
import { renamedPage, writeRenamed } from "./write-renamed.ts";
import { writeTables } from "./write-tables.ts";
import { writeTypescript } from "./write-typescript.ts";

/** Answers the files that differed. Throws an error with every mistake and its line. */
export async function generateTelemetry(root: string, isCheck: boolean): Promise<string[]> {
  const files = readTelemetry(root);
  checkTelemetry(files);
  const generated = await Promise.all(files.map((file) => generate(root, file, files)));
  const renamed = readRenamed(root, files);
  const page = { path: renamedPage, text: await writeRenamed(join(root, renamedPage), renamed, files) };
  return settleFiles(root, [...generated.flat(), ...(await writeExporters(root, files)), page], isCheck);
}

async function generate(
  root: string,
  file: TelemetryFile,
  files: readonly TelemetryFile[],
): Promise<GeneratedFile[]> {
  const folder = dirname(file.path);
  const code = join(folder, "telemetry.generated.ts");
  const readme = join(folder, "README.md");
  return [
    { path: code, text: await writeTypescript(root, code, file, files) },
    { path: readme, text: await writeTables(readme, readReadme(root, readme), file, files) },
  ];
}

function readReadme(root: string, path: string): string {
  try {
    return readFileSync(join(root, path), "utf8");
  } catch (cause) {
    throw new Error(`${path} is missing: its tables are generated, the words around them are not`, { cause });
  }
}
