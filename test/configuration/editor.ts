/** What an editor says of a configuration file, by the language server that editors use. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import { getLanguageService } from "yaml-language-server";
import { configFile } from "./sample-declarations.ts";

const failures: unknown[] = [];
const service = getLanguageService({
  schemaRequestService: (uri) => readFile(fileURLToPath(uri), "utf8"),
  // It would go on in silence.
  telemetry: { send: () => {}, sendTrack: () => {}, sendError: (...failure) => failures.push(failure) },
  workspaceContext: { resolveRelativePath: (path, resource) => new URL(path, resource).href },
});
service.configure({ validate: true });
/** A text of the same version is not read again. */
let version = 0;

/** The file is beside `default.yaml`, and names its schema as that one does. */
export async function findComplaints(text: string): Promise<string[]> {
  const uri = `file://${configFile("edited.yaml")}`;
  const named = text.includes("$schema=")
    ? text
    : `# yaml-language-server: $schema=./kerntel.schema.json\n${text}`;
  const found = await service.doValidation(TextDocument.create(uri, "yaml", ++version, named), false);
  if (failures.length > 0) throw new Error("the language server failed", { cause: failures });
  return found.map(
    ({ message, range }) => `${range.start.line}: ${typeof message === "string" ? message : message.value}`,
  );
}
