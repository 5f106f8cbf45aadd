/** Writes what follows from every `telemetry.yaml`: `node receiver/telemetry/generate/main.ts [--check]`. */
import { runGenerator } from "#bpf/layout/generated-files.ts";
import { treeRoot } from "../read-telemetry.ts";
import { generateTelemetry } from "./generate-telemetry.ts";

await runGenerator((isCheck) => generateTelemetry(treeRoot, isCheck));
