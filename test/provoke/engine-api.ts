/** The Docker Engine API, which podman speaks too: what a test needs of it. */
import { readFileSync } from "node:fs";
import { request } from "node:http";
import { IMAGE_NAME, IMAGE_TAG, buildBusyboxImage } from "./busybox-image.ts";

export interface EngineContainer {
  readonly name: string;
  readonly command: readonly string[];
  readonly memoryLimitBytes: number;
  readonly labels: Readonly<Record<string, string>>;
  /** More of `HostConfig`. */
  readonly host?: Readonly<Record<string, unknown>>;
}

export class EngineApi {
  readonly #socket: string;

  constructor(socket: string) {
    this.#socket = socket;
  }

  async answers(): Promise<true | undefined> {
    return this.ask("GET", "/_ping").then(
      () => true as const,
      () => undefined,
    );
  }

  /** Gives it the image, which is built in `folder`. */
  async loadImage(folder: string): Promise<void> {
    const body = readFileSync(buildBusyboxImage(folder));
    await this.ask("POST", "/images/load", { type: "application/x-tar", body });
  }

  /** Runs a container to its end; resolves with its id. */
  async run({ name, command, memoryLimitBytes, labels, host }: EngineContainer): Promise<string> {
    const config = {
      Image: `${IMAGE_NAME}:${IMAGE_TAG}`,
      Cmd: command,
      Labels: labels,
      HostConfig: { Memory: memoryLimitBytes, NetworkMode: "none", ...host },
    };
    const { Id: id } = JSON.parse(
      await this.ask("POST", `/containers/create?name=${name}`, {
        type: "application/json",
        body: JSON.stringify(config),
      }),
    ) as { Id: string };
    await this.ask("POST", `/containers/${id}/start`);
    await this.ask("POST", `/containers/${id}/wait`);
    return id;
  }

  ask(method: string, path: string, sent?: { type: string; body: string | Buffer }): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const headers = sent === undefined ? {} : { "content-type": sent.type };
    request({ socketPath: this.#socket, method, path, headers }, (response) => {
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
