/** Writes `record.generated.ts` of every event: `node bpf/layout/main.ts [--check]`. */
import { fileURLToPath } from "node:url";
import { generateRecords } from "./generate-records.ts";
import { runGenerator } from "./generated-files.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
await runGenerator((isCheck) => generateRecords(root, isCheck));
