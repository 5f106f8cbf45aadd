/** Stands in a kubelet's place, with a certificate of its own for 127.0.0.1, and answers as it is told. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const request = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=kubelet";

export class FakeKubelet implements Disposable {
  readonly caFile: string;
  readonly #folder: string;
  readonly #server: Server;

  /** Resolves when it listens. */
  static async start(answer: RequestListener): Promise<FakeKubelet> {
    const started = new FakeKubelet(answer);
    await new Promise<void>((resolve) => {
      started.#server.listen(0, "127.0.0.1", resolve);
    });
    return started;
  }

  private constructor(answer: RequestListener) {
    this.#folder = mkdtempSync(join(tmpdir(), "kerntel-kubelet-"));
    this.caFile = join(this.#folder, "certificate");
    const keyFile = join(this.#folder, "key");
    const own = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", keyFile, "-out", this.caFile];
    execFileSync("openssl", [...request.split(" "), ...own], { stdio: "ignore" });
    this.#server = createServer({ cert: readFileSync(this.caFile), key: readFileSync(keyFile) }, answer);
  }

  get endpoint(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  [Symbol.dispose](): void {
    this.#server.closeAllConnections();
    this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}
