/** A podman of our own, with its API as a service. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
/** Its own defaults are more than a container may have whose starter may not raise limits. */
const LIMIT = 1_024;

export class TestPodman implements AsyncDisposable {
  readonly socket: string;
  readonly #api: EngineApi;
  readonly #folder: string;
  readonly #daemon: ContainedDaemon;

  /** Resolves when it answers and has the image. */
  static async start(): Promise<TestPodman> {
    const started = new TestPodman();
    try {
      await waitUntil("podman to answer", async () => {
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
    const [runtime, conmon] = [findProgram("runc"), findProgram("conmon")];
    findProgram("podman");
    this.#folder = mkdtempSync(join(tmpdir(), "kerntel-podman-"));
    this.socket = join(this.#folder, "podman.sock");
    this.#api = new EngineApi(this.socket);
    const parameters = {
      root: join(this.#folder, "storage"),
      runroot: join(this.#folder, "run"),
      tmpdir: join(this.#folder, "tmp"),
      "storage-driver": "vfs",
      "cgroup-manager": "cgroupfs",
      runtime,
      conmon,
    };
    const flags = Object.entries(parameters).map(([key, value]) => `--${key}=${value}`);
    this.#daemon = new ContainedDaemon(
      "podman",
      [...flags, "system", "service", "--time=0", `unix://${this.socket}`],
      writeConfiguration(this.#folder),
    );
  }

  /** Runs a container to its end; resolves with its id. */
  run(container: EngineContainer): Promise<string> {
    const limits = ["nofile", "nproc"].map((Name) => ({ Name, Soft: LIMIT, Hard: LIMIT }));
    return this.#api.run({ ...container, host: { CgroupParent: `/${PARENT}`, Ulimits: limits } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    await removeCgroups(PARENT);
  }
}

/** What is read from files only: any image is believed, and no network is set up. Answers the environment. */
function writeConfiguration(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, ".config/containers");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "policy.json"), '{ "default": [{ "type": "insecureAcceptAnything" }] }');
  const file = join(folder, "containers.conf");
  writeFileSync(file, '[network]\nnetwork_backend = "cni"\n[engine]\nevents_logger = "none"\n');
  return { HOME: folder, CONTAINERS_CONF: file };
}
