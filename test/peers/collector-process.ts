/** A real OpenTelemetry Collector that appends what it receives to a file, one OTLP/JSON request a line. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { findFreePort, PeerProcess } from "./peer-process.ts";
import { peerDirectory } from "./peer-test.ts";

export interface Collector {
  /** Without a path. */
  readonly httpUrl: string;
  readonly grpcUrl: string;
  /** Every request it wrote, oldest first. */
  readRequests(): OtlpRequest[];
  stop(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Again, with the same ports and file. */
  start(): Promise<void>;
}

export type OtlpRequest = Readonly<Record<string, unknown>>;

/** `receiver`: more lines below the protocols of its receiver, by protocol. */
export async function startCollector(
  context: TestContext,
  receiver: { readonly http?: string; readonly grpc?: string } = {},
): Promise<Collector> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-collector-"));
  const file = join(directory, "received.jsonl");
  const [httpPort, grpcPort] = [await findFreePort(), await findFreePort()];
  const config = join(directory, "collector.yaml");
  writeFileSync(config, describe(file, { httpPort, grpcPort, ...receiver }));
  const collector = new PeerProcess(context, {
    command: join(peerDirectory("collector"), "otelcol"),
    args: ["--config", config],
    isUp: async () => (await isOpen(httpPort)) && isOpen(grpcPort),
  });
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  await collector.start();
  return {
    httpUrl: `http://127.0.0.1:${httpPort}`,
    grpcUrl: `http://127.0.0.1:${grpcPort}`,
    readRequests: () => readLines(file),
    stop: (signal) => collector.stop(signal),
    start: () => collector.start(),
  };
}

interface Ports {
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly http?: string;
  readonly grpc?: string;
}

/** Without a queue, and without the buffer that only a file without rotation has: what was answered for is in the file. */
function describe(file: string, { httpPort, grpcPort, http = "", grpc = "" }: Ports): string {
  return `receivers:
  otlp:
    protocols:
      grpc: { endpoint: "127.0.0.1:${grpcPort}", ${grpc} }
      http: { endpoint: "127.0.0.1:${httpPort}", ${http} }
exporters:
  file: { path: ${JSON.stringify(file)}, rotation: { max_megabytes: 1000 } }
service:
  telemetry: { metrics: { level: none } }
  pipelines:
    logs: { receivers: [otlp], exporters: [file] }
    metrics: { receivers: [otlp], exporters: [file] }
`;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once("connect", () => end(true)).once("error", () => end(false));
  });
}

/** A line that a kill cut off was never answered for, or its end is still to come. */
function readLines(file: string): OtlpRequest[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line): OtlpRequest[] => {
      try {
        return [JSON.parse(line) as OtlpRequest];
      } catch {
        return [];
      }
    });
}
