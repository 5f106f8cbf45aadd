/** Speaks as a Docker Engine does that knows every container, by one name: for what real ones would be slow to show. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

export class FakeDocker implements Disposable {
  readonly socket: string;
  /** Questions and connections so far. */
  asked = 0;
  connections = 0;
  /** When each id was asked about, in milliseconds of `performance.now()`. */
  readonly askedAtMs: Map<string, number[]> = new Map<string, number[]>();
  readonly #folder: string;
  readonly #server: Server;

  /**
   * Resolves when it listens. Its containers have the labels `team` and `stage`. `cgroupParent`: where they all are; without it
   * the engine does not say.
   */
  static async start(name: string, cgroupParent = ""): Promise<FakeDocker> {
    const started = new FakeDocker(name, cgroupParent);
    await new Promise<void>((resolve) => {
      started.#server.listen(started.socket, resolve);
    });
    return started;
  }

  private constructor(name: string, cgroupParent: string) {
    this.#folder = mkdtempSync(join(tmpdir(), "kerntel-docker-"));
    this.socket = join(this.#folder, "docker.sock");
    this.#server = createServer(({ url = "" }, response) => {
      this.asked++;
      const id = url.split("/")[2] ?? "";
      this.askedAtMs.set(id, [...(this.askedAtMs.get(id) ?? []), performance.now()]);
      const Config = { Labels: { team: "checkout", stage: "test" } };
      const HostConfig = { CgroupParent: cgroupParent };
      response.end(JSON.stringify({ Id: id, Name: `/${name}`, Config, HostConfig }));
    }).on("connection", () => this.connections++);
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}
