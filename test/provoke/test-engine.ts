/** A container engine of our own, asked over the Docker Engine API; it ends with what it was given. */
import { rmSync } from "node:fs";
import { waitUntil } from "../live/wait-until.ts";
import type { ContainedDaemon } from "./contained-daemon.ts";
import { EngineApi } from "./engine-api.ts";
import type { EngineContainer } from "./engine-api.ts";
import { removeCgroups } from "./remove-cgroups.ts";

interface Engine {
  readonly name: string;
  /** Everything that it keeps. */
  readonly folder: string;
  readonly socket: string;
  readonly daemon: ContainedDaemon;
  /** Of the `HostConfig` of its containers. */
  readonly host: Readonly<Record<string, unknown>>;
  /** Above the cgroups of its containers. */
  readonly cgroupParent: string;
}

export class TestEngine implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #api: EngineApi;

  /** Resolves when it answers and has the image. */
  static async start(engine: Engine): Promise<TestEngine> {
    const started = new TestEngine(engine);
    try {
      await waitUntil(`${engine.name} to answer`, async () => {
        engine.daemon.check();
        return started.#api.answers();
      });
      await started.#api.loadImage(engine.folder);
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.#api = new EngineApi(engine.socket);
  }

  get socket(): string {
    return this.#engine.socket;
  }

  /** Runs a container to its end; resolves with its id. */
  run(container: EngineContainer): Promise<string> {
    return this.#api.run({ ...container, host: this.#engine.host });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { daemon, folder, cgroupParent } = this.#engine;
    await daemon[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
    await removeCgroups(cgroupParent);
  }
}
