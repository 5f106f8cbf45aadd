/**
 * A daemon in namespaces of its own for processes and mounts, with a /run of its own: everything it started ends with it,
 * and it ends with the test.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { findProgram, programPath } from "./programs.ts";

const KEPT_OUTPUT_CHARACTERS = 4_000;
/** Runtimes keep some of their state in a place that no configuration changes. */
const script = 'mount -t tmpfs tmpfs /run && exec "$0" "$@"';

export interface DaemonOptions {
  /** Where it works; conmon leaves a file named `oom` in the working folder of whoever started podman. */
  readonly folder: string;
  readonly environment?: NodeJS.ProcessEnv;
}

export class ContainedDaemon implements AsyncDisposable {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #said = "";

  constructor(name: string, parameters: readonly string[], { folder, environment = {} }: DaemonOptions) {
    this.#name = name;
    // unshare ends with this process, with unshare the first process of the namespace, and with that all others.
    const unshare = [
      findProgram("unshare"),
      "--mount",
      "--pid",
      "--fork",
      "--kill-child=KILL",
      "--mount-proc",
    ];
    this.#child = spawn(
      findProgram("setpriv"),
      ["--pdeathsig", "KILL", ...unshare, "sh", "-c", script, findProgram(name), ...parameters],
      {
        cwd: folder,
        env: { ...process.env, ...environment, PATH: programPath },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    this.#child.stderr?.on("data", (data: Buffer) => {
      this.#said = (this.#said + data.toString()).slice(-KEPT_OUTPUT_CHARACTERS);
    });
    this.#ended = new Promise((resolve) => this.#child.once("close", resolve));
  }

  /** Throws what it said last where it is over. */
  check(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) throw new Error(`${this.#name} ended:\n${this.#said}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}
