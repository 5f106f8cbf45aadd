/** A small OTLP/HTTP receiver. It decodes with a codec that is not OpenTelemetry's, so that both cannot err alike. */
import { createServer } from "node:http";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { decodeLogs } from "./otlp-proto.ts";

/** One log record as it arrived, flattened. */
export interface ReceivedRecord {
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly eventName: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly droppedAttributesCount: number;
  readonly resource: Readonly<Record<string, unknown>>;
  /** Empty where there is none. */
  readonly schemaUrls: { readonly resource: string; readonly scope: string };
}

export class OtlpReceiver implements AsyncDisposable {
  readonly records: ReceivedRecord[] = [];
  /** Bodies of metric exports, as JSON. */
  readonly metrics: object[] = [];
  readonly requests: { readonly path: string; readonly contentType: string }[] = [];
  /** What to answer; 200 at first. */
  status = 200;
  readonly #server = createServer((request, response) => {
    void this.#take(request).then(
      () => response.writeHead(this.status, { "content-type": "application/json" }).end("{}"),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });

  static async start(): Promise<OtlpReceiver> {
    const receiver = new OtlpReceiver();
    await new Promise<void>((resolve) => {
      receiver.#server.listen(0, "127.0.0.1", resolve);
    });
    return receiver;
  }

  url(path: "/v1/logs" | "/v1/metrics"): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${path}`;
  }

  async #take(request: IncomingMessage): Promise<void> {
    const received = await buffer(request);
    const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(received) : received;
    const contentType = request.headers["content-type"] ?? "";
    this.requests.push({ path: request.url ?? "", contentType });
    if (this.status !== 200) return;
    if (request.url === "/v1/metrics") this.metrics.push(JSON.parse(body.toString("utf8")) as object);
    else this.records.push(...decodeLogs(body, contentType));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }
}
