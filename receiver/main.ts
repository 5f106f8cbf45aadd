/** The program. Each command is a file in `commands/`; `cli.ts` is their table. */
import { resolve } from "node:path";
import { dropCodeVariables } from "./code-variables.ts";
import { holdSignals } from "./early-signals.ts";

const hangups = holdSignals();
// Before anything is loaded that one of them could replace.
const ownCache = resolve(import.meta.dirname, "../build/program/compile-cache");
const warning = dropCodeVariables(process.env, process.geteuid?.() ?? 0, ownCache);
// Loaded only now, because it takes as long as everything else of a start.
const { closeOutputs, openStandardOutputs } = await import("#exporters/console/standard-outputs.ts");
const { runCommand } = await import("./cli.ts");

const outputs = openStandardOutputs();
if (warning !== undefined) outputs.err.writeLine(`kerntel: ${warning}`);
const code = await runCommand(process.argv.slice(2), { variables: process.env, hangups, ...outputs });
// What could hang was waited for and its loss said; only a signal ends a process whose threads hang.
if (await closeOutputs(outputs)) process.kill(process.pid, "SIGKILL");
// Everything is closed by now; a request that a client is still repeating must not keep the process.
process.exit(code);
