/** A destination as small as one can be: a batch is a line on a Unix socket, and any line back is its receipt. */
import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { createInterface } from "node:readline";
import type { Destination } from "#exporters/contract.ts";
import { readUid } from "#exporters/contract.ts";

/** Uid and number (`thread.id`) of a record that arrived. */
export type Arrival = readonly [uid: string, number: number];

export function createLineDestination(socketPath: string): Destination {
  let socket: Socket | undefined;
  return {
    name: "line",
    async send(records) {
      socket ??= await open(socketPath);
      const arrivals = records.map((record): Arrival => [
        readUid(record) ?? "",
        Number(record.attributes["thread.id"]),
      ]);
      socket.write(`${JSON.stringify(arrivals)}\n`);
      await once(socket, "data");
      return { kind: "delivered" };
    },
    async shutdown() {
      socket?.destroy();
    },
  };
}

async function open(socketPath: string): Promise<Socket> {
  const socket = connect(socketPath);
  await once(socket, "connect");
  return socket;
}

/** Takes batches and gives receipts. */
export async function listenForLines(
  socketPath: string,
  onArrivals: (arrivals: readonly Arrival[]) => void,
): Promise<Server> {
  const server = createServer((socket) => {
    const lines = createInterface({ input: socket });
    // A sender that is killed resets its connection.
    for (const ended of [socket, lines]) ended.on("error", () => socket.destroy());
    lines.on("line", (line) => {
      // A line that a kill cut off was never received.
      if (!line.endsWith("]]")) return;
      onArrivals(JSON.parse(line) as Arrival[]);
      socket.write("\n");
    });
  });
  server.listen(socketPath);
  await once(server, "listening");
  return server;
}
