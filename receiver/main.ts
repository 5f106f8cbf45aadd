/** The program. Each command is a file in `commands/`; `cli.ts` is their table. */
import { holdSignals } from "./early-signals.ts";

const hangups = holdSignals();
// Loaded only now, because it takes as long as everything else of a start.
const { closeOutputs, openStandardOutputs } = await import("#exporters/console/standard-outputs.ts");
const { runCommand } = await import("./cli.ts");

const outputs = openStandardOutputs();
const code = await runCommand(process.argv.slice(2), { variables: process.env, hangups, ...outputs });
// What could hang was waited for and its loss said; only a signal ends a process whose threads hang.
if (await closeOutputs(outputs)) process.kill(process.pid, "SIGKILL");
// Everything is closed by now; a request that a client is still repeating must not keep the process.
process.exit(code);
