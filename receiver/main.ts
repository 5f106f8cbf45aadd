/** The program. Each command is a file in `commands/`; `cli.ts` is their table. */
import { runCommand } from "./cli.ts";

process.exitCode = await runCommand(process.argv.slice(2), {
  variables: process.env,
  out: process.stdout,
  err: process.stderr,
});
