/** Drops that are no loss, in a network namespace of their own. */
import { loadWhereModular } from "#test/provoke/loaded-module.ts";
import { runInNamespace } from "#test/provoke/in-namespace.ts";
import type { NamespaceRun } from "#test/provoke/in-namespace.ts";

/**
 * Both ends close at once, before either acknowledges the other's: each gets the other's end as a packet that is queued at
 * a socket that nobody holds any more, and purged with it.
 */
const closeConnections = `
  const net = require("node:net");
  let left = 50;
  const ends = [];
  const join = (end) => {
    if (ends.push(end.on("error", () => {})) < 2) return;
    for (const either of ends.splice(0)) either.destroy();
    if (--left === 0) server.close();
    else connect();
  };
  const server = net.createServer(join);
  const connect = () => {
    const end = net.connect(server.address().port, "127.0.0.1", () => join(end));
  };
  server.listen(0, "127.0.0.1", connect);
`;

/** Each of two pings sees the replies to the other and has a filter put on its raw socket against them. */
const pingTwice = "ping -q -c 5 -i 0.2 127.0.0.1 & ping -q -c 5 -i 0.2 127.0.0.1; wait";

export async function dropNoise(): Promise<NamespaceRun> {
  return runInNamespace(`"$0" -e "$1"; ${pingTwice}`, process.execPath, closeConnections);
}

/** Echo requests to a neighbour that is not there: they are dropped before they have an Ethernet header. */
export async function dropUnanswered(address: string): Promise<NamespaceRun> {
  loadWhereModular("veth");
  const script =
    "ip link add away type veth peer name there; ip address add 10.211.0.1/24 dev away; " +
    `ip link set away up; ip link set there up; ping -q -c 2 -W 1 ${address} || true`;
  return runInNamespace(script);
}
