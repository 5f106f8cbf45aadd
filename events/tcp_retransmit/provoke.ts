/** Lost TCP segments between two network namespaces: of each kind, told by their ports. */
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { waitUntil } from "#test/live/wait-until.ts";
import { makeMemoryCgroup, makeUnifiedCgroup } from "#test/provoke/cgroup.ts";
import { farAddress, makeNetwork } from "./provoke-network.ts";
import type { TestNetwork } from "./provoke-network.ts";

/** The server's, which can be taken away while connections stand. */
export const serviceAddress = "10.97.0.1";
/** Nobody's: what is sent there is dropped at the far end. */
export const deadAddress = { ipv4: "10.97.0.2", ipv6: "fd00:97::2" } as const;
/** A client's that gets no answer: the near end does not take it for its own. */
export const strangerAddress = "10.96.0.9";

/** Listens, prints its port, reads whatever comes. */
const server = `
  const server = require("node:net").createServer((socket) => socket.on("error", () => {}).resume());
  server.listen(0, process.argv[1], () => console.log(server.address().port));
`;

/** Listens, prints its port, and then takes no connection: the kernel has room for a few. */
const deafServer = `
  const server = require("node:net").createServer();
  server.listen({ port: 0, host: process.argv[1], backlog: 1 }, () => {
    require("node:fs").writeSync(1, server.address().port + "\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** Connects so many times; prints each port once connected; a number from stdin is so many segments to send. */
const client = `
  const [host, port, localAddress, count] = process.argv.slice(1);
  const options = { host, port: Number(port), ...(localAddress ? { localAddress } : {}) };
  const sockets = Array.from({ length: Number(count) }, () => {
    const socket = require("node:net").connect(options).setNoDelay(true);
    socket.on("error", () => {});
    return socket.on("connect", () => console.log(socket.localPort));
  });
  process.stdin.on("data", (text) => {
    for (let sent = 0; sent < Number(text); sent++) sockets[0].write(Buffer.alloc(1000));
  });
  setInterval(() => {}, 1e6);
`;

const LIMIT_BYTES = 256 * 1024 * 1024;

export interface Losses extends AsyncDisposable {
  readonly containerId: string;
  readonly cgroupPath: string;
  /** A connection to the service from a container; its own port. */
  connect(): Promise<Connection>;
  /** Asks for connections that never come; nothing is waited for. */
  dial(host: string, port: number, options?: DialOptions): void;
  /** SYNs and answers to SYNs that the near end has sent again, by the kernel's own count. */
  sentAgain(): number;
  /** A port whose queue of new connections is full. */
  fillQueue(): Promise<number>;
  readonly servicePort: number;
  /** Takes the service's address away, and gives it back. */
  lose(): Promise<void>;
  restore(): Promise<void>;
  /** Resolves when the far end has thrown something away since `lose`. */
  lost(): Promise<true>;
  /** From here on, connections wait ten seconds before a timeout or a probe. */
  slowDownTimers(): Promise<void>;
}

export interface DialOptions {
  readonly localAddress?: string;
  readonly count?: number;
}

export interface Connection {
  readonly localPort: number;
  send(segments: number): void;
}

/** `hierarchy`: of the container's cgroup. A socket remembers only the unified one. */
export async function prepareLosses(hierarchy: "unified" | "memory" = "unified"): Promise<Losses> {
  await using stack = new AsyncDisposableStack();
  const network = stack.use(await makeNetwork());
  const containerId = randomBytes(32).toString("hex");
  const path = `/kerntel-test-${process.pid}/docker-${containerId}.scope`;
  const cgroup = stack.use(
    hierarchy === "unified" ? makeUnifiedCgroup(path) : makeMemoryCgroup(path, LIMIT_BYTES),
  );
  await arrange(network);
  const service = network.spawnNode("far", server, { args: [serviceAddress] });
  const servicePort = await readPort(service);
  // By which the near end's counters are read.
  const near = network.spawnNode("near", "setInterval(() => {}, 1e6); console.log(0)");
  await readPort(near);
  let strayBefore = 0;
  const start = (args: readonly string[]): ChildProcess =>
    network.spawnNode("near", client, { args, cgroupDirectory: cgroup.directory });
  const losses: Omit<Losses, typeof Symbol.asyncDispose> = {
    containerId,
    cgroupPath: cgroup.path,
    servicePort,
    connect: async () => {
      const child = start([serviceAddress, String(servicePort), "", "1"]);
      const localPort = await readPort(child);
      return { localPort, send: (segments) => void child.stdin?.write(`${segments}\n`) };
    },
    dial: (host, port, { localAddress = "", count = 1 } = {}) => {
      start([host, String(port), localAddress, String(count)]);
    },
    sentAgain: () => readCounter(near, "netstat", "TCPSynRetrans"),
    fillQueue: async () => {
      const port = await readPort(network.spawnNode("far", deafServer, { args: [serviceAddress] }));
      const filler = start([serviceAddress, String(port), "", "6"]);
      await readPort(filler);
      return port;
    },
    lose: async () => {
      await network.ip("far", "addr", "del", `${serviceAddress}/32`, "dev", "lo");
      strayBefore = countStray(service);
    },
    lost: () =>
      waitUntil("a packet that nobody takes", () => (countStray(service) > strayBefore ? true : undefined)),
    restore: () => network.ip("far", "addr", "add", `${serviceAddress}/32`, "dev", "lo"),
    slowDownTimers: () =>
      network.ip("near", "route", "change", serviceAddress, "via", farAddress.ipv4, "rto_min", "10s"),
  };
  // Processes end before their cgroup goes: the network is disposed of first.
  const kept = stack.move();
  return {
    ...losses,
    [Symbol.asyncDispose]: async () => {
      await network[Symbol.asyncDispose]();
      await kept.disposeAsync();
    },
  };
}

async function arrange(network: TestNetwork): Promise<void> {
  await network.ip("far", "addr", "add", `${serviceAddress}/32`, "dev", "lo");
  await network.ip("near", "route", "add", serviceAddress, "via", farAddress.ipv4);
  // An address that may be sent from and is not at home for an answer.
  await network.setting("near", "ipv4/ip_nonlocal_bind", "1");
  await network.ip("near", "addr", "add", `${strangerAddress}/32`, "dev", "lo");
  await network.ip("near", "route", "del", "local", strangerAddress, "dev", "lo", "table", "local");
}

/** Packets to addresses that are not here. */
function countStray(process: ChildProcess): number {
  return readCounter(process, "snmp", "InAddrErrors");
}

/** Of the network namespace that the process is in. Names of a line and their values are in two lines. */
function readCounter({ pid }: ChildProcess, file: "snmp" | "netstat", counter: string): number {
  const lines = readFileSync(`/proc/${pid}/net/${file}`, "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  const index = lines.findIndex((names) => names.includes(counter));
  return Number(lines[index + 1]?.[lines[index]?.indexOf(counter) ?? -1]);
}

async function readPort(child: ChildProcess): Promise<number> {
  if (child.stdout === null) throw new TypeError("the child has no stdout");
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  return Number(line.toString("utf8").split("\n")[0]);
}
