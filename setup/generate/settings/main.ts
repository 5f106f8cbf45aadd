/** Writes what follows from declared settings: `node setup/generate/settings/main.ts [--check]`. */
import { join } from "node:path";
import { runGenerator } from "#bpf/layout/generated-files.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import { generateSettings } from "./generate-settings.ts";

const root = join(import.meta.dirname, "../../..");

await runGenerator((isCheck) => generateSettings(root, declare(createEvents()), isCheck));
