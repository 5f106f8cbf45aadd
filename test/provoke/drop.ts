/** Real packet drops on loopback, each of a kind that can be told from the traffic of others by its port. */
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { promisify } from "node:util";
import { findFreePort } from "../live/running-kerntel.ts";
import { makeUnifiedCgroup } from "./cgroup.ts";

/** So many wait in the socket at once: each by itself would take a system call and a turn of the loop. */
const AT_ONCE = 64;

/** Sends datagrams to a port that nobody listens on; returns the port once all were sent. */
export async function dropDatagrams(family: "udp4" | "udp6", count: number): Promise<number> {
  const port = await findFreePort();
  const [address, version] = family === "udp4" ? ["127.0.0.1", 4] : ["::1", 6];
  const socket = createSocket({
    type: family,
    // It is one already.
    lookup: (_name, _options, callback) => {
      callback(null, address, version);
    },
  });
  try {
    for (let left = count; left > 0; left -= AT_ONCE)
      await sendAll(socket, port, address, Math.min(left, AT_ONCE));
  } finally {
    socket.close();
  }
  return port;
}

/** Asks for a connection to a port that nobody listens on: the SYN is dropped and answered by a reset. */
export async function dropConnection(host: "127.0.0.1" | "::1"): Promise<number> {
  const port = await findFreePort();
  await new Promise<void>((resolve) => {
    connect({ host, port }).once("error", () => {
      resolve();
    });
  });
  return port;
}

/** Resolves when all are on their way. */
function sendAll(socket: Socket, port: number, address: string, count: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let left = count;
    const onSent = (error: Error | null): void => {
      // A refusal that came back for an earlier datagram is what was wanted.
      if (error !== null && (error as NodeJS.ErrnoException).code !== "ECONNREFUSED") reject(error);
      else if (--left === 0) resolve();
    };
    for (let sent = 0; sent < count; sent++) socket.send("kerntel", port, address, onSent);
  });
}

/** An echo request to the broadcast address, which the kernel ignores by default (icmp_echo_ignore_broadcasts). */
export async function dropEcho(): Promise<void> {
  // It gets no answer, and so ends with 1.
  await promisify(execFile)("ping", ["-b", "-c", "1", "-W", "1", "127.255.255.255"]).catch(
    (error: unknown) => {
      if ((error as { code?: unknown }).code !== 1) throw error;
    },
  );
}

export interface Overflowed {
  readonly port: number;
  readonly containerId: string;
  readonly cgroupPath: string;
}

/** Binds a small socket and prints its port, then never reads it. */
const sleeper = `
  const socket = require("node:dgram").createSocket({ type: "udp4", recvBufferSize: 4096 });
  socket.bind(0, "127.0.0.1", () => {
    require("node:fs").writeSync(1, String(socket.address().port) + "\\n");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

/** Fills the receive buffer of a process in a container-like cgroup until datagrams are dropped there. */
export async function overflowSocket(): Promise<Overflowed> {
  const containerId = randomBytes(32).toString("hex");
  await using cgroup = makeUnifiedCgroup(`/kerntel-test-${process.pid}/docker-${containerId}.scope`);
  const owner = spawn(
    "sh",
    ["-c", 'echo $$ > "$0/cgroup.procs" && exec "$1" -e "$2"', cgroup.directory, process.execPath, sleeper],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const ended = new Promise((resolve) => {
    owner.once("close", resolve);
  });
  try {
    const [line] = (await once(owner.stdout, "data")) as [Buffer];
    const port = Number(line.toString("utf8"));
    const socket = createSocket("udp4");
    try {
      await sendAll(socket, port, "127.0.0.1", 200);
    } finally {
      socket.close();
    }
    return { port, containerId, cgroupPath: cgroup.path };
  } finally {
    owner.kill("SIGKILL");
    await ended;
  }
}
