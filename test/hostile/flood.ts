/** Floods that an ordinary user can make in network namespaces of its own: segments that are sent again, and packets that are dropped. */
import type { UnprivilegedUser } from "./unprivileged-user.ts";

const SOCKETS = 3_000;

/**
 * Listens and never accepts, so that SYNs find a full queue, and dials there: each connection sends its SYN again after
 * a second, and later. Prints how often that was, by the count of its namespace.
 */
const dialer = `
  import { readFileSync } from "node:fs";
  import { connect } from "node:net";
  import { Worker } from "node:worker_threads";
  const [sockets, durationMs] = process.argv.slice(1).map(Number);
  const deaf = new Worker(\`
    const { parentPort } = require("node:worker_threads");
    const server = require("node:net").createServer();
    server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });\`, { eval: true, execArgv: [] });
  const sentAgain = (): number => {
    const lines = readFileSync("/proc/net/netstat", "utf8").split("\\n").map((line) => line.split(" "));
    return Number(lines[1]?.[lines[0]?.indexOf("TCPSynRetrans") ?? -1]);
  };
  deaf.once("message", (port: number) => {
    let open: ReturnType<typeof connect>[] = [];
    const dial = (): void => {
      for (const socket of open) socket.destroy();
      open = Array.from({ length: sockets ?? 0 }, () => connect(port, "127.0.0.1").on("error", () => {}));
    };
    dial();
    // The kernel waits longer from time to time: new connections begin anew.
    setInterval(dial, 4_000);
    setInterval(() => console.log(\`sent again \${sentAgain()}\`), 100);
    setTimeout(() => process.exit(), durationMs);
  });
`;

/** Sends datagrams to a port where nobody listens. Prints how many so far. */
const sender = `
  import { createSocket } from "node:dgram";
  const [perSecond, durationMs] = process.argv.slice(1).map(Number);
  const socket = createSocket("udp4").on("error", () => {});
  let sent = 0;
  socket.bind(0, "127.0.0.1", () => {
    setInterval(() => {
      for (let each = 0; each < (perSecond ?? 0) / 50; each++) socket.send("x", 9, "127.0.0.1", () => {});
      sent += (perSecond ?? 0) / 50;
      console.log(\`dropped \${sent}\`);
    }, 20);
    setTimeout(() => process.exit(), durationMs);
  });
`;

export interface Flood extends AsyncDisposable {
  /** How many segments were sent again, or packets dropped, so far. */
  readonly count: () => number;
}

/** Some thousand SYNs a second that are sent again. */
export function floodSyns(user: UnprivilegedUser, durationMs: number): Flood {
  return start(user, dialer, [SOCKETS, durationMs], /sent again (\d+)/g);
}

/** Drops of one kind. */
export function floodDrops(user: UnprivilegedUser, durationMs: number, perSecond: number): Flood {
  return start(user, sender, [perSecond, durationMs], /dropped (\d+)/g);
}

/** Runs what follows in user and network namespaces of the user's own, in a Node of the same kind. */
const inNamespaces = `
  import { spawn } from "node:child_process";
  const [source = "", ...args] = process.argv.slice(1);
  const node = [process.execPath, "--input-type=module-typescript", "--no-warnings", "--eval", source, "--", ...args];
  const script = '/bin/ip link set lo up && exec "$@"';
  spawn("unshare", ["-U", "-r", "-n", "sh", "-c", script, "sh", ...node], { stdio: "inherit" });
`;

function start(user: UnprivilegedUser, source: string, numbers: readonly number[], printed: RegExp): Flood {
  const limitMs = (numbers.at(1) ?? 0) + 5_000;
  const run = user.node(inNamespaces, { args: [source, ...numbers.map(String)], limitMs });
  return {
    count: () => Number([...run.out().matchAll(printed)].at(-1)?.[1] ?? 0),
    [Symbol.asyncDispose]: () => run[Symbol.asyncDispose](),
  };
}
