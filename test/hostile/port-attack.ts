/** What a user of the machine does to the port that Prometheus scrapes: connections that never read, and idle ones. */
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { launcher } from "../live/start-command.ts";
import { readMetric, RunningKerntel } from "../live/running-kerntel.ts";
import { makeTemporaryDirectory } from "../live/temporary-directory.ts";
import { dropDatagrams } from "../provoke/drop.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const BYTES_PER_MIB = 1024 * 1024;
const DEAF_CONNECTIONS = 300;
const IDLE_CONNECTIONS = 500;
const FEW_DESCRIPTORS = 256;
const events = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }";

/** Every series has this label, so that one scrape is some megabytes. */
const longLabels = `resource:
  attributes: [{ name: test.ballast, value: "${"x".repeat(20_000)}" }]
meter_provider:
  readers:
    - pull:
        exporter:
          prometheus/development:
            host: 127.0.0.1
            port: PROMETHEUS_PORT
            resource_constant_labels: { included: [test.ballast] }`;

/**
 * Keeps so many connections to the port, and opens each again a quarter of a second after it was closed. Who never reads does not see
 * that either: after a second and a half it begins anew.
 */
const keepConnections = `
import { connect } from "node:net";
const [port, wanted, request] = [Number(process.argv[1]), Number(process.argv[2]), process.argv[3]];
let opened = 0;
const open = () => {
  const socket = connect(port, "127.0.0.1").on("error", () => {});
  socket.once("connect", () => {
    opened += 1;
    if (request === "idle") return socket.resume();
    socket.pause().write("GET /metrics HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n");
    setTimeout(() => socket.destroy(), 1500);
  });
  socket.once("close", () => setTimeout(open, 250));
};
for (let count = 0; count < wanted; count++) open();
setInterval(() => console.log(opened), 200);`;

export interface PortAttack {
  /** Connections that the attacker opened. */
  readonly opened: number;
  readonly memoryBeforeBytes: number;
  readonly memoryPeakBytes: number;
  /** Scrapes by somebody else during the attack, and how many of them were answered. */
  readonly scrapes: number;
  readonly answered: number;
  readonly scrapeBytes: number;
  /** Of the event that was provoked meanwhile. */
  readonly stored: number;
  readonly refused: number;
  /** Of each reason, what the receiver counted. */
  readonly closed: Readonly<Record<string, number>>;
  readonly scrapesAfter: boolean;
}

/** The attacker's answers are never read, and each is some megabytes. */
export function attackByDeafness(durationMs: number): Promise<PortAttack> {
  return attack({ durationMs, connections: DEAF_CONNECTIONS, request: "metrics", sections: longLabels });
}

/** The receiver may open few files, and the attacker's connections send nothing. */
export async function attackByIdleness(durationMs: number): Promise<PortAttack> {
  using directory = makeTemporaryDirectory();
  const limited = join(directory.path, "kerntel");
  writeFileSync(limited, `#!/bin/sh\nulimit -n ${FEW_DESCRIPTORS}\nexec ${launcher} "$@"\n`);
  chmodSync(limited, 0o755);
  return await attack({ durationMs, connections: IDLE_CONNECTIONS, request: "idle", launcher: limited });
}

interface AttackOptions {
  readonly durationMs: number;
  readonly connections: number;
  readonly request: "metrics" | "idle";
  readonly sections?: string;
  readonly launcher?: string;
}

async function attack({ durationMs, connections, request, ...start }: AttackOptions): Promise<PortAttack> {
  await using user = await UnprivilegedUser.enter();
  await using kerntel = await RunningKerntel.start({ events, ...start });
  const { port } = new URL(kerntel.metricsUrl);
  // What the same load takes without an attack.
  let scrapeBytes = 0;
  for (let round = 0; round < 3; round++) {
    await dropDatagrams("udp4", 500);
    scrapeBytes = (await kerntel.metrics()).length;
  }
  const memoryBeforeBytes = readMemory(kerntel.pid, "VmRSS");
  let [scrapes, answered, memoryPeakBytes] = [0, 0, memoryBeforeBytes];
  const run = user.node(keepConnections, {
    args: [port, `${connections}`, request],
    limitMs: durationMs + 60_000,
  });
  const endMs = performance.now() + durationMs;
  while (performance.now() < endMs) {
    await dropDatagrams("udp4", 500);
    scrapes += 1;
    answered += await kerntel.metrics().then(
      (text) => Number(text.includes("kerntel_")),
      () => 0,
    );
    memoryPeakBytes = Math.max(memoryPeakBytes, readMemory(kerntel.pid, "VmRSS"));
  }
  const { out } = await run.stop();
  const opened = Number(out.trim().split("\n").at(-1));
  const after = await kerntel.metrics().catch(() => "");
  const report = (await kerntel.reports()).get("dropwatch");
  const counted = [...readMetric(after, "kerntel_server_closed_connections_total")];
  return {
    opened,
    memoryBeforeBytes,
    memoryPeakBytes,
    scrapes,
    answered,
    scrapeBytes,
    stored: Number(report?.["stored"]),
    refused: Number(report?.["refused"]),
    closed: Object.fromEntries(
      counted
        .filter(([labels, count]) => labels.includes('kerntel_server_name="prometheus"') && count > 0)
        .map(([labels, count]) => [/close_reason="(\w+)"/.exec(labels)?.[1] ?? "", count]),
    ),
    scrapesAfter: after.includes("kerntel_"),
  };
}

function readMemory(pid: number, name: string): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1]) * 1_024;
}

function toMib(bytes: number): string {
  return `${Math.round(bytes / BYTES_PER_MIB)} MiB`;
}

/** For a table of proofs and the diagnostics of tests. */
export function describeAttack(what: string, attacked: PortAttack): { what: string; figure: string } {
  const closed = Object.entries(attacked.closed).map(([reason, count]) => `${count} ${reason}`);
  return {
    what,
    figure: [
      `${attacked.opened} connections opened`,
      `memory ${toMib(attacked.memoryBeforeBytes)} → ${toMib(attacked.memoryPeakBytes)}`,
      `a scrape has ${toMib(attacked.scrapeBytes)}`,
      `${attacked.answered} of ${attacked.scrapes} other scrapes answered meanwhile`,
      `${attacked.refused} of ${attacked.stored + attacked.refused} records refused`,
      `closed: ${closed.join(", ")}`,
    ].join("; "),
  };
}

/** Both, for `make prove PART=hostile`. */
export async function attackPorts(
  durationMs: number,
): Promise<{ readonly rows: readonly { readonly what: string; readonly figure: string }[] }> {
  const deaf = await attackByDeafness(durationMs);
  const idle = await attackByIdleness(durationMs);
  return {
    rows: [
      describeAttack(`${DEAF_CONNECTIONS} connections that never read`, deaf),
      describeAttack(
        `${IDLE_CONNECTIONS} idle connections, ${FEW_DESCRIPTORS} descriptors for the receiver`,
        idle,
      ),
    ],
  };
}
