/** Declared settings as the schema for editors, as a file with every default, and as tables in the READMEs. */
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { format } from "prettier";
import { settleFiles } from "#bpf/layout/generated-files.ts";
import type { GeneratedFile } from "#bpf/layout/generated-files.ts";
import type { Declarations } from "#otel-config/declaration.ts";
import { findSubjects } from "./subjects.ts";
import { writeDefaults } from "./write-defaults.ts";
import { writeSchema } from "./write-schema.ts";
import { fillTables, LIST, tableSubjects } from "./write-tables.ts";

/** Answers the files that differed. Throws where a declaration is not complete, or no README has the settings of a part. */
export async function generateSettings(
  root: string,
  declarations: Declarations,
  isCheck: boolean,
): Promise<string[]> {
  const schema = { path: "otel-config/kerntel.schema.json", text: await writeSchema(root, declarations) };
  const text = await format(writeDefaults(declarations), { parser: "yaml" });
  const defaults = { path: "otel-config/default.yaml", text };
  const tables = await writeReadmes(root, declarations);
  return settleFiles(root, [schema, defaults, ...tables], isCheck);
}

async function writeReadmes(root: string, declarations: Declarations): Promise<GeneratedFile[]> {
  const subjects = findSubjects(declarations);
  const written = new Set<string>();
  const files: GeneratedFile[] = [];
  for (const path of globSync(["{events,exporters}/*/README.md", "otel-config/README.md"], {
    cwd: root,
  }).sort()) {
    const readme = readFileSync(join(root, path), "utf8");
    for (const name of tableSubjects(path, readme)) {
      if (name !== LIST && !subjects.has(name))
        throw new Error(`${path}: no settings are declared for ${name}`);
      written.add(name);
    }
    files.push({ path, text: await fillTables(path, readme, subjects, declarations.exporters) });
  }
  const missing = [...subjects.keys()].filter((name) => !written.has(name));
  if (missing.length > 0)
    throw new Error(
      `no README has the settings of ${missing.join(", ")}: it needs a line <!-- settings:begin ${missing[0] ?? ""} --> and below it a line <!-- settings:end -->`,
    );
  return files;
}
