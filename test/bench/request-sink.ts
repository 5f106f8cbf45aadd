/** A receiver of HTTP requests in a thread of its own: it only counts, so that it costs both sides the same. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const TAKEN = 0;
const IS_OPEN = 1;

export interface RequestSink {
  readonly url: string;
  /** Requests that were taken. */
  count(): number;
  /** Until then every request is answered with 503. */
  open(): void;
  close(): Promise<void>;
}

export async function startSink(): Promise<RequestSink> {
  const counter = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), { workerData: counter });
  const [port] = (await once(worker, "message")) as [number];
  return {
    url: `http://127.0.0.1:${port}`,
    count: () => Atomics.load(counter, TAKEN),
    open: () => void Atomics.store(counter, IS_OPEN, 1),
    async close() {
      await worker.terminate();
    },
  };
}

if (!isMainThread) {
  const counter = workerData as Int32Array<SharedArrayBuffer>;
  const server = createServer((request, response) => {
    request.on("data", () => {});
    request.on("end", () => {
      const isOpen = Atomics.load(counter, IS_OPEN) === 1;
      if (isOpen) Atomics.add(counter, TAKEN, 1);
      response.writeHead(isOpen ? 200 : 503, { "content-type": "application/x-protobuf" }).end();
    });
  });
  server.listen(0, "127.0.0.1", () => {
    // A thread is told, not a window: there is no origin.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    parentPort?.postMessage((server.address() as AddressInfo).port);
  });
}
