/** A Docker Engine of our own, which containerd and runc serve, asked over its API. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../live/wait-until.ts";
import { ContainedDaemon } from "./contained-daemon.ts";
import { EngineApi } from "./engine-api.ts";
import type { EngineContainer } from "./engine-api.ts";
import { findProgram } from "./programs.ts";
import { removeCgroups } from "./remove-cgroups.ts";

/** Above the cgroups of its containers. */
const PARENT = `kerntel-test-${process.pid}`;

export class TestDocker implements AsyncDisposable {
  readonly socket: string;
  readonly #api: EngineApi;
  readonly #folder: string;
  readonly #daemon: ContainedDaemon;

  /** Resolves when it answers and has the image. */
  static async start(): Promise<TestDocker> {
    const started = new TestDocker();
    try {
      await waitUntil("dockerd to answer", async () => {
        started.#daemon.check();
        return started.#api.answers();
      });
      await started.#api.loadImage(started.#folder);
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor() {
    // First, so that nothing stays behind where there is none.
    findProgram("dockerd");
    this.#folder = mkdtempSync(join(tmpdir(), "kerntel-docker-"));
    this.socket = join(this.#folder, "docker.sock");
    this.#api = new EngineApi(this.socket);
    const parameters = {
      "data-root": join(this.#folder, "root"),
      "exec-root": join(this.#folder, "exec"),
      pidfile: join(this.#folder, "pid"),
      host: `unix://${this.socket}`,
      "storage-driver": "vfs",
      // The network of this machine is none of its business.
      bridge: "none",
      iptables: "false",
      ip6tables: "false",
      "ip-forward": "false",
      "ip-masq": "false",
    };
    this.#daemon = new ContainedDaemon(
      "dockerd",
      Object.entries(parameters).map(([key, value]) => `--${key}=${value}`),
    );
  }

  /** Runs a container to its end; resolves with its id. */
  run(container: EngineContainer): Promise<string> {
    return this.#api.run({ ...container, host: { CgroupParent: `/${PARENT}/docker` } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    await removeCgroups(PARENT);
  }
}
