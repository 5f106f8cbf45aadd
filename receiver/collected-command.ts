/** A command run in this process, for tests: what it wrote and how it ended. */
import { Output } from "#exporters/console/output.ts";
import type { Sink } from "#exporters/console/sink.ts";
import { runCommand } from "./cli.ts";

/** Keeps what is written. */
class Collected implements Sink {
  readonly isFile = false;
  text = "";

  write(bytes: Buffer, done: () => void): void {
    this.text += bytes.toString("utf8");
    done();
  }
}

export interface CollectedCommand {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export async function collectCommand(
  args: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<CollectedCommand> {
  const out = new Collected();
  const err = new Collected();
  const code = await runCommand(args, {
    variables,
    out: new Output({ name: "stdout", sink: out }),
    err: new Output({ name: "stderr", sink: err }),
    hangups: { handle: () => undefined, release: () => undefined },
  });
  return { code, out: out.text, err: err.text };
}
