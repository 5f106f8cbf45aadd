/** The program. Each command is a file in `commands/`; `cli.ts` is their table. */
import { runCommand } from "./cli.ts";

const code = await runCommand(process.argv.slice(2), {
  variables: process.env,
  out: process.stdout,
  err: process.stderr,
});
// Everything is closed by now; a request that a client is still repeating must not keep the process.
process.exit(code);
