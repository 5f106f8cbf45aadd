/** The program as a user runs it: the launcher in a child process, with its own state directory. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askRunning } from "#receiver/control/client.ts";
import { onlyThese } from "./chosen-events.ts";
import { configText } from "./config-text.ts";
import { controlSockets } from "./control-socket.ts";
import { Looks } from "./looks.ts";
import { runKerntel } from "./run-kerntel.ts";
import type { Outcome } from "./run-kerntel.ts";
import { Scraper } from "./scraper.ts";
import { launcher as ownLauncher } from "./start-command.ts";
import { describeProcess } from "./process-state.ts";
import { SHORT_PAUSE_MS, waitUntil } from "./wait-until.ts";

/** One line of `kerntel query --json`. */
export interface StoredLine {
  readonly uid: string;
  readonly time: string;
  readonly observedTime: string;
  readonly event: string;
  readonly severity: number;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly resource: Readonly<Record<string, unknown>>;
}

/** One line of `kerntel events --json`. */
export type EventLine = Readonly<Record<string, string | number>> & {
  readonly name: string;
  readonly state: string;
};

export interface RunOptions {
  /** YAML below `distribution.kerntel.events`, already indented by six; only these watch. Without it all do. */
  readonly events?: string;
  /** YAML below `distribution.kerntel.containers`, already indented by six. */
  readonly containers?: string;
  /** Folders of plug-ins. */
  readonly plugins?: readonly string[];
  /** Whole sections of the file. */
  readonly sections?: string;
  readonly args?: readonly string[];
  /** Of another tree than this one. */
  readonly launcher?: string;
  /** Kept when the program ends; else a directory of its own is made and removed. */
  readonly stateDirectory?: string;
}

export class RunningKerntel implements AsyncDisposable {
  readonly stateDirectory: string;
  readonly configPath: string;
  readonly metricsUrl: string;
  out = "";
  err = "";
  readonly #launcher: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #ending: number | NodeJS.Signals | undefined;
  readonly #directory: string;
  readonly #configText: (events: string, containers?: string) => string;
  readonly #looks = new Looks<StoredLine[]>();
  #writtenText = "";
  readonly #scraper = new Scraper();

  /** Starts `kerntel run` and waits until it is ready. */
  static async start(options: RunOptions = {}): Promise<RunningKerntel> {
    const running = new RunningKerntel(options, await findFreePort());
    const said = (): string => `"kerntel: ready", got: ${running.err}\n${describeProcess(running.pid)}`;
    try {
      await waitUntil(said, () => {
        if (running.#ending !== undefined)
          throw new Error(`kerntel ended at once with ${running.#ending}:\n${running.err}`);
        return running.err.includes("kerntel: ready\n") || undefined;
      });
    } catch (error) {
      await running.stop("SIGKILL");
      rmSync(running.#directory, { recursive: true, force: true });
      throw error;
    }
    return running;
  }

  private constructor(
    {
      events = "",
      containers = "",
      plugins = [],
      sections = "",
      args = [],
      stateDirectory,
      launcher,
    }: RunOptions,
    port: number,
  ) {
    this.#directory = mkdtempSync(join(tmpdir(), "kerntel-live-"));
    this.stateDirectory = stateDirectory ?? join(this.#directory, "state");
    this.configPath = join(this.#directory, "kerntel.yaml");
    this.metricsUrl = `http://127.0.0.1:${port}/metrics`;
    this.#configText = (given, sources = containers) =>
      configText(this.stateDirectory, port, onlyThese(given), sections) +
      (sources === "" ? "" : `    containers:\n${sources}\n`) +
      (plugins.length === 0 ? "" : `    plugins: ${JSON.stringify(plugins)}\n`);
    this.#write(this.#configText(events));
    this.#launcher = launcher ?? ownLauncher;
    this.#child = spawn(this.#launcher, ["run", "--config", this.configPath, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.out += text;
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.err += text;
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("close", (code: number | null, signal: NodeJS.Signals) => {
        this.#ending = code ?? signal;
        resolve(code);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Changes what the configuration says of the events and the sources of containers; waits until it was read. */
  async reload(events: string, containers?: string): Promise<void> {
    this.#write(this.#configText(events, containers));
    const answers = this.#countReloads();
    this.#child.kill("SIGHUP");
    const isAnswered = (): true | undefined => this.#countReloads() > answers || undefined;
    await waitUntil("the answer to SIGHUP", isAnswered, { pauseMs: SHORT_PAUSE_MS });
  }

  /** Whether the configuration says this of the events already, so that a reload would change nothing. */
  watches(events: string): boolean {
    return this.#writtenText === this.#configText(events);
  }

  #write(text: string): void {
    this.#writtenText = text;
    writeFileSync(this.configPath, text);
  }

  #countReloads(): number {
    return this.err.split(/^kerntel: (?:configuration read again|the configuration was not taken)/m).length;
  }

  async query(...args: readonly string[]): Promise<StoredLine[]> {
    const { code, out, err } = await this.#run("query", args);
    if (code !== 0) throw new Error(`kerntel query ended with ${code}: ${err}`);
    return parseLines<StoredLine>(out);
  }

  async events(): Promise<ReadonlyMap<string, EventLine>> {
    const { code, out, err } = await this.#run("events", []);
    if (code !== 0) throw new Error(`kerntel events ended with ${code}: ${err}`);
    return new Map(parseLines<EventLine>(out).map((line) => [line.name, line]));
  }

  #run(command: string, args: readonly string[]): Promise<Outcome> {
    return runKerntel([command, "--config", this.configPath, "--json", ...args], {}, this.#launcher);
  }

  /** What `query --json` would print with these parameters of the socket, without starting Node for every look. */
  async stored(parameters: Readonly<Record<string, string>>): Promise<StoredLine[]> {
    return parseLines<StoredLine>(await this.#ask("/query", parameters));
  }

  /** The same while waiting for a record: as it was asked for last, as long as nothing can have come since. */
  look(parameters: Readonly<Record<string, string>>): Promise<StoredLine[]> {
    return this.#looks.look(JSON.stringify(parameters), this.err.length, () => this.stored(parameters));
  }

  /** What `events --json` would print. */
  async reports(): Promise<ReadonlyMap<string, EventLine>> {
    return new Map(parseLines<EventLine>(await this.#ask("/events")).map((line) => [line.name, line]));
  }

  async #ask(path: string, query: Readonly<Record<string, string>> = {}): Promise<string> {
    const lines = await Array.fromAsync(askRunning(controlSockets(this.stateDirectory), { path, query }));
    return lines.join("\n");
  }

  /** As they are now. */
  metrics(): Promise<string> {
    return this.#scraper.scrape(this.metricsUrl);
  }

  /** Sends a signal and returns the exit code. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    this.#child.kill(signal);
    return this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

export function parseLines<Line>(text: string): Line[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

/** Values of one metric by its labels as they stand in the text, for example `{kerntel_dropwatch_reason="NO_SOCKET"}`. */
export function readMetric(text: string, name: string): ReadonlyMap<string, number> {
  const samples = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(
    samples.map((line) => {
      const end = line.lastIndexOf(" ");
      return [line.slice(name.length, end), Number(line.slice(end + 1))];
    }),
  );
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => {
    server.close(resolve);
  });
  return port;
}
