/**
 * A shell script that makes something in the kernel, does what it is told, and takes all back when its input ends: also
 * when the test dies, by whatever, because the kernel closes the pipe then.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { CannotProvokeError } from "./cannot-provoke.ts";

export class WatchedShell implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #err = "";
  #greeting = "";

  private constructor(command: string, args: readonly string[]) {
    // In a session of its own: what ends the test from the keyboard must leave it time to clean up.
    const child = spawn(command, args, { detached: true, stdio: "pipe" });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#err += text;
    });
    // A script that has ended is told apart by its silence.
    child.stdin.on("error", () => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#closed = new Promise((resolve) => {
      child.once("close", resolve).once("error", (error) => {
        this.#err += String(error);
        resolve(undefined);
      });
    });
  }

  /**
   * The script's first line says that it is ready. Where it ends before, it has taken back what it made, and the error
   * says why: `what` cannot be done here.
   */
  static async start(what: string, script: string, args: readonly string[]): Promise<WatchedShell> {
    return WatchedShell.#start(what, "sh", ["-c", script, "sh", ...args]);
  }

  /** In a mount namespace of its own, so that nothing mounted outlives it or is seen by others. */
  static async startIsolated(what: string, script: string, args: readonly string[]): Promise<WatchedShell> {
    return WatchedShell.#start(what, "unshare", ["-m", "sh", "-c", script, "sh", ...args]);
  }

  static async #start(what: string, command: string, args: readonly string[]): Promise<WatchedShell> {
    const shell = new WatchedShell(command, args);
    const first = await shell.#lines.next();
    if (first.done !== true) {
      shell.#greeting = first.value;
      return shell;
    }
    await shell.#closed;
    throw new CannotProvokeError(`${what}: ${shell.#lastError()}`);
  }

  /** The script's first line. */
  get greeting(): string {
    return this.#greeting;
  }

  /** One line in, one line out. */
  async ask(line: string): Promise<string> {
    this.#child.stdin?.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done !== true) return answer.value;
    await this.#closed;
    throw new Error(`the script ended instead of answering "${line}": ${this.#lastError()}`);
  }

  #lastError(): string {
    return this.#err.trim().split("\n").at(-1) ?? "";
  }

  /** Resolves when all is taken back. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin?.end();
    await this.#closed;
  }
}
