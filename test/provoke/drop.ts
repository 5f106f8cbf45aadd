/** Real packet drops on loopback, each of a kind that can be told from the traffic of others by its port. */
import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { connect } from "node:net";
import { findFreePort } from "#test/live/running-kerntel.ts";

/** Sends datagrams to a port that nobody listens on; returns the port once all were sent. */
export async function dropDatagrams(family: "udp4" | "udp6", count: number): Promise<number> {
  const port = await findFreePort();
  const socket = createSocket(family);
  try {
    for (let sent = 0; sent < count; sent++)
      await send(socket, port, family === "udp4" ? "127.0.0.1" : "::1");
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

function send(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send("kerntel", port, address, (error) => {
      // A refusal that came back for an earlier datagram is what was wanted.
      if (error === null || (error as NodeJS.ErrnoException).code === "ECONNREFUSED") resolve();
      else reject(error);
    });
  });
}
