/** The Collector as the measuring stick: OTLP in, a sending queue on the disk (`file_storage`), OTLP out. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { findFreePort, PeerProcess } from "../peers/peer-process.ts";
import { peerDirectory } from "../peers/peer-test.ts";

export interface QueueingCollector extends AsyncDisposable {
  /** Where it takes log records. */
  readonly endpoint: string;
}

/** What it cannot send to `target` it keeps, and tries again every second. */
export async function startQueueingCollector(target: string): Promise<QueueingCollector> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-queueing-"));
  const port = await findFreePort();
  const config = join(directory, "collector.yaml");
  writeFileSync(
    config,
    `extensions:
  file_storage: { directory: ${JSON.stringify(directory)} }
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${port}" } } }
exporters:
  otlp_http:
    endpoint: ${target}
    compression: none
    retry_on_failure: { initial_interval: 1s, max_interval: 1s, max_elapsed_time: 0 }
    sending_queue: { storage: file_storage, queue_size: 100000 }
service:
  extensions: [file_storage]
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], exporters: [otlp_http] }
`,
  );
  const endings: (() => unknown)[] = [];
  const context = { after: (end: () => unknown) => endings.push(end) } as unknown as TestContext;
  const collector = new PeerProcess(context, {
    command: join(peerDirectory("collector"), "otelcol"),
    args: ["--config", config],
    isUp: () => isOpen(port),
  });
  await collector.start();
  return {
    endpoint: `http://127.0.0.1:${port}/v1/logs`,
    async [Symbol.asyncDispose]() {
      for (const end of endings) await end();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
