/** A process in a container-like cgroup that lets what it received wait, on loopback. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { makeUnifiedCgroup } from "#test/provoke/cgroup.ts";

export interface SlowReader {
  readonly transport: "tcp" | "udp";
  readonly host: "127.0.0.1" | "::1";
  readonly delayMs: number;
}

export interface Waited {
  readonly pid: number;
  readonly port: number;
  readonly containerId: string;
  readonly cgroupPath: string;
}

/** Each prints its port, then how much it read at last. */
const readers = {
  tcp: `
    const [host, delay] = process.argv.slice(1);
    const server = require("node:net").createServer({ pauseOnConnect: true }, (socket) => {
      socket.on("data", (data) => console.log(data.length));
      socket.on("error", () => {});
      setTimeout(() => socket.resume(), Number(delay));
    });
    server.listen(0, host, () => console.log(server.address().port));
  `,
  // Node reads at once, so the process as a whole has to sleep.
  udp: `
    const [host, delay] = process.argv.slice(1);
    const socket = require("node:dgram").createSocket(host.includes(":") ? "udp6" : "udp4");
    let hasSlept = false;
    socket.on("message", (data) => hasSlept && console.log(data.length));
    socket.bind(0, host, () => {
      require("node:fs").writeSync(1, socket.address().port + "\\n");
      process.stdin.once("data", () => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Number(delay));
        hasSlept = true;
      });
    });
  `,
};

/** Sends a little to a reader that is not in a hurry, and returns once it was read. */
export async function provokeSlowReader({ transport, host, delayMs }: SlowReader): Promise<Waited> {
  const containerId = randomBytes(32).toString("hex");
  await using cgroup = makeUnifiedCgroup(`/kerntel-test-${process.pid}/docker-${containerId}.scope`);
  const command = [process.execPath, "-e", readers[transport], host, String(delayMs)];
  const child = spawn(
    "sh",
    ["-c", 'echo $$ > "$0/cgroup.procs" && exec "$@"', cgroup.directory, ...command],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const ended = new Promise((resolve) => {
    child.once("close", resolve);
  });
  try {
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    const port = Number(line.toString("utf8"));
    const wasRead = once(child.stdout, "data");
    const sender = transport === "tcp" ? sendSegment(host, port) : sendDatagrams(host, port);
    if (transport === "udp") child.stdin.write("sleep\n");
    await wasRead;
    (await sender)();
    return { pid: child.pid ?? 0, port, containerId, cgroupPath: cgroup.path };
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}

/** Resolves to what ends the connection. */
async function sendSegment(host: string, port: number): Promise<() => void> {
  const socket = connect({ host, port });
  await once(socket, "connect");
  socket.write("kerntel");
  return () => {
    socket.destroy();
  };
}

/** Goes on, because the reader may not be asleep yet. */
async function sendDatagrams(host: string, port: number): Promise<() => void> {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const timer = setInterval(() => {
    socket.send("kerntel", port, host);
  }, 5);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}
