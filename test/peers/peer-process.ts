/** One real program, started and stopped by a test; whatever happens it ends with the test, by its own id. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

export interface PeerCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
  readonly isUp: () => Promise<boolean>;
}

const START_DEADLINE_MS = 120_000;
const KEPT_OUTPUT_CHARACTERS = 4000;

export class PeerProcess {
  readonly #command: PeerCommand;
  #child: ChildProcess | undefined;
  #output = "";

  constructor(context: TestContext, command: PeerCommand) {
    this.#command = command;
    context.after(() => this.stop("SIGKILL"));
  }

  /** Resolves once it answers; rejects with the end of its output when it ends instead. */
  async start(): Promise<void> {
    const { command, args, environment, isUp } = this.#command;
    const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: "pipe" });
    this.#child = child;
    let failure: Error | undefined;
    child.on("error", (error) => (failure = error));
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data: Buffer) => {
        this.#output = (this.#output + data.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
      });
    for (const end = performance.now() + START_DEADLINE_MS; !(await isUp());) {
      const isOver = failure || child.exitCode !== null || child.signalCode !== null;
      if (!isOver && performance.now() < end) await sleep(50);
      else throw new Error(`${command} did not start:\n${this.#output}`, { cause: failure });
    }
  }

  /** Resolves when it is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  }
}

/** A port that was free a moment ago, for programs that must come back on the same one. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
