/** A Docker Engine of our own, which containerd and runc serve, asked over its API. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitUntil } from "../live/wait-until.ts";
import { IMAGE_NAME, IMAGE_TAG, buildBusyboxImage } from "./busybox-image.ts";
import { ContainedDaemon } from "./contained-daemon.ts";
import { findProgram } from "./programs.ts";
import { removeCgroups } from "./remove-cgroups.ts";

/** Above the cgroups of its containers. */
const PARENT = `kerntel-test-${process.pid}`;

export interface DockerContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly memoryLimitBytes: number;
  readonly labels: Readonly<Record<string, string>>;
}

export class TestDocker implements AsyncDisposable {
  readonly socket: string;
  readonly #folder: string;
  readonly #daemon: ContainedDaemon;

  /** Resolves when it answers and has the image. */
  static async start(): Promise<TestDocker> {
    const started = new TestDocker();
    try {
      await waitUntil("dockerd to answer", async () => {
        started.#daemon.check();
        return started.#ask("GET", "/_ping").then(
          () => true,
          () => undefined,
        );
      });
      const image = readFileSync(buildBusyboxImage(started.#folder));
      await started.#ask("POST", "/images/load", { type: "application/x-tar", body: image });
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
  async run({ name, command, memoryLimitBytes, labels }: DockerContainer): Promise<string> {
    const config = {
      Image: `${IMAGE_NAME}:${IMAGE_TAG}`,
      Cmd: command,
      Labels: labels,
      HostConfig: { Memory: memoryLimitBytes, NetworkMode: "none", CgroupParent: `/${PARENT}/docker` },
    };
    const { Id: id } = JSON.parse(
      await this.#ask("POST", `/containers/create?name=${name}`, {
        type: "application/json",
        body: JSON.stringify(config),
      }),
    ) as { Id: string };
    await this.#ask("POST", `/containers/${id}/start`);
    await this.#ask("POST", `/containers/${id}/wait`);
    return id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    await removeCgroups(PARENT);
  }

  #ask(method: string, path: string, sent?: { type: string; body: string | Buffer }): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = sent === undefined ? {} : { "content-type": sent.type };
    request({ socketPath: this.socket, method, path, headers }, (response) => {
      let text = "";
      response
        .setEncoding("utf8")
        .on("data", (part: string) => (text += part))
        .once("end", () => {
          if ((response.statusCode ?? 500) < 400) resolve(text);
          else reject(new Error(`${method} ${path}: ${response.statusCode} ${text}`));
        });
    })
      .once("error", reject)
      .end(sent?.body);
    return promise;
  }
}
