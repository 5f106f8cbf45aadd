/** Types and readers of records as TypeScript: straight-line reads at fixed offsets. */
import { format, resolveConfig } from "prettier";
import { basename } from "node:path";
import type { Field, FieldValue, RecordStruct } from "./describe-records.ts";
import * as readers from "./fields.ts";
import type { LabelledEnum } from "./label-enum.ts";
import { camelCase, pascalCase } from "./names.ts";

/** The content of `record.generated.ts` at `path`, formatted. */
export async function writeRecords(
  path: string,
  source: string,
  records: readonly RecordStruct[],
): Promise<string> {
  const structs = new Map<string, RecordStruct>();
  const enums = new Map<string, LabelledEnum>();
  for (const record of records) collectTypes(record, structs, enums);
  const types = [
    ...[...enums.values()].map(writeEnum),
    ...[...structs.values()].map((struct) => writeInterface(struct, records.includes(struct))),
    ...records.map(writeLayout),
  ].join("\n");
  const used = Object.keys(readers)
    .sort()
    .filter((reader) => types.includes(`${reader}(`));
  const text = [
    `// Generated from ${basename(source)}: change the record there, then run "npm run generate".`,
    used.length > 0 ? `import { ${used.join(", ")} } from "#bpf/layout/fields.ts";` : "",
    `import type { RecordLayout } from "${source.startsWith("receiver/") ? ".." : "#receiver"}/tracing/contract.ts";`,
    "",
    types,
  ];
  return format(text.join("\n"), { ...(await resolveConfig(path)), parser: "typescript" });
}

function collectTypes(
  struct: RecordStruct,
  structs: Map<string, RecordStruct>,
  enums: Map<string, LabelledEnum>,
): void {
  const collect = (value: FieldValue): void => {
    if (value.kind === "enum") enums.set(value.labels.name, value.labels);
    if (value.kind === "list") collect(value.element);
    if (value.kind === "struct") collectTypes(value.struct, structs, enums);
  };
  for (const { value } of struct.fields) collect(value);
  structs.set(struct.name, struct);
}

function writeEnum({ name, labels }: LabelledEnum): string {
  const names = [...new Set([...labels.map(([, label]) => label), "unknown"])];
  const type = `type ${pascalCase(name)} = ${names.map((label) => JSON.stringify(label)).join(" | ")};\n`;
  const isDense = labels.every(([value], index) => value === index);
  const entries = labels.map(([value, label]) => (isDense ? "" : `${value}: `) + JSON.stringify(label));
  const literal = isDense ? `[${entries.join(", ")}]` : `{ ${entries.join(", ")} }`;
  return `${type}const ${labelsOf(name)}: Readonly<Record<number, ${pascalCase(name)}>> = ${literal};\n`;
}

function labelsOf(enumName: string): string {
  return `${camelCase(enumName)}Labels`;
}

function writeInterface(struct: RecordStruct, isRecord: boolean): string {
  const fields = struct.fields.map(
    ({ name, value }) => `${writeComment(value)}  readonly ${name}: ${typeOf(value)};`,
  );
  const head = `${isRecord ? "export " : ""}interface ${pascalCase(struct.name)}`;
  return `${head} {\n${fields.join("\n")}\n}\n`;
}

function writeComment(value: FieldValue): string {
  const says = value.kind === "meaning" ? value.meaning.says : undefined;
  return says === undefined ? "" : `  /** ${says} */\n`;
}

function typeOf(value: FieldValue): string {
  switch (value.kind) {
    case "meaning":
      return value.meaning.type;
    case "addresses":
      return value.array.type;
    case "integer":
      return "number";
    case "bool":
      return "boolean";
    case "text":
      return "string";
    case "bytes":
      return "Uint8Array";
    case "enum":
      return pascalCase(value.labels.name);
    case "struct":
      return pascalCase(value.struct.name);
    case "list":
      break;
  }
  return `readonly ${typeOf(value.element)}[]`;
}

function writeLayout(record: RecordStruct): string {
  const name = pascalCase(record.name);
  return `export const ${camelCase(record.name)}Layout: RecordLayout<${name}> = {
  struct: "${record.name}",
  sizeBytes: ${record.sizeBytes},
  read: (view, offset) => (${writeObject(record.fields, 0)}),
};
`;
}

function writeObject(fields: readonly Field[], base: number): string {
  return `{\n${fields.map(({ name, offset, value }) => `${name}: ${writeRead(value, base + offset)},`).join("\n")}\n}`;
}

function writeRead(value: FieldValue, offset: number): string {
  const at = offset === 0 ? "offset" : `offset + ${offset}`;
  switch (value.kind) {
    case "meaning":
      return value.meaning.read(at, value.sizeBytes);
    case "addresses":
      return value.array.read(at, value.length);
    case "integer":
      return writeInteger(value.sizeBytes, value.isSigned, at);
    case "bool":
      return `view.getUint8(${at}) !== 0`;
    case "text":
      return `readText(view, ${at}, ${value.lengthBytes})`;
    case "bytes":
      return `readBytes(view, ${at}, ${value.lengthBytes})`;
    case "enum":
      return `readLabel(${labelsOf(value.labels.name)}, ${writeInteger(value.sizeBytes, false, at)})`;
    case "struct":
      return writeObject(value.struct.fields, offset);
    case "list":
      break;
  }
  const elements = Array.from({ length: value.length }, (_, index) =>
    writeRead(value.element, offset + index * value.elementSizeBytes),
  );
  return `[${elements.join(", ")}]`;
}

function writeInteger(sizeBytes: number, isSigned: boolean, at: string): string {
  const order = sizeBytes === 1 ? "" : ", true";
  return `view.get${isSigned ? "Int" : "Uint"}${sizeBytes * 8}(${at}${order})`;
}
