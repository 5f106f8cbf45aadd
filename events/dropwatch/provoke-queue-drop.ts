/** Datagrams in a network namespace of their own whose ways through the kernel hold lists of packets. */
import { loadWhereModular } from "#test/provoke/loaded-module.ts";
import { runInNamespace } from "#test/provoke/in-namespace.ts";
import type { NamespaceRun } from "#test/provoke/in-namespace.ts";
import { findProgram } from "#test/provoke/programs.ts";

/** Sends so many datagrams of a size to a port of loopback, of which 7777 is open and read. */
const sender = `
  const [count, sizeBytes, port] = process.argv.slice(1).map(Number);
  const { createSocket } = require("node:dgram");
  const receiver = createSocket("udp4");
  const sender = createSocket("udp4");
  let left = count, received = 0;
  const end = () => { sender.close(); receiver.close(); };
  receiver.on("message", () => { if (++received === count) end(); });
  const send = () => {
    if (left-- > 0) sender.send(Buffer.alloc(sizeBytes), port, "127.0.0.1", send);
    else if (port !== 7777) end();
  };
  receiver.bind(7777, "127.0.0.1", send);
`;

const send = (count: number, sizeBytes: number, port: number): string =>
  `"$0" -e "$1" ${count} ${sizeBytes} ${port}`;

/** Most of forty datagrams find the queue of a slow interface full: the kernel frees a list of one packet for each. */
export async function overflowQueue(): Promise<NamespaceRun> {
  loadWhereModular("sch_tbf");
  const shape = `${findProgram("tc")} qdisc add dev lo root tbf rate 8kbit burst 1600 limit 3000`;
  return runInNamespace(`${shape}; ${send(40, 1_000, 9)}`, process.execPath, sender);
}

/** Five datagrams of fourteen fragments each: received where the port is 7777, else dropped. */
export async function sendFragmented(port: number): Promise<NamespaceRun> {
  return runInNamespace(`ip link set lo mtu 1500; ${send(5, 20_000, port)}`, process.execPath, sender);
}
