/** Writes what lists the events: `node setup/generate/events/main.ts [--check]`. */
import { join } from "node:path";
import { runGenerator } from "#bpf/layout/generated-files.ts";
import { generateEventLists } from "./generate-event-lists.ts";

const root = join(import.meta.dirname, "../../..");

await runGenerator((isCheck) => generateEventLists(root, isCheck));
