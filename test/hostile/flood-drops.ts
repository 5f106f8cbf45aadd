/** Dropped packets as fast as one process of an ordinary user can cause them: datagrams to a port that nobody listens on. */
import assert from "node:assert/strict";
import type { UnprivilegedUser } from "./unprivileged-user.ts";

const source = `
import { createSocket } from "node:dgram";
const end = Date.now() + Number(process.argv[1]);
const socket = createSocket("udp4");
// The kernel's answer: nobody listens there.
socket.on("error", () => {});
socket.bind(0, "127.0.0.1", () => socket.connect(9, "127.0.0.1", send));
function send() {
  if (Date.now() >= end) process.exit(0);
  for (let count = 0; count < 200; count++) socket.send("x", () => {});
  setImmediate(send);
}`;

export async function floodDrops(user: UnprivilegedUser, durationMs: number): Promise<void> {
  const flood = user.node(source, { args: [String(durationMs)], limitMs: durationMs + 10_000 });
  const { code, err } = await flood.ended;
  assert.equal(code, 0, err);
}
