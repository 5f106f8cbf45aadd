/** Drops of one kind, apart from those of the machine: in a network namespace of their own. */
import { runInNamespace } from "#test/provoke/in-namespace.ts";
import type { NamespaceRun } from "#test/provoke/in-namespace.ts";

export interface Burst extends NamespaceRun {
  readonly count: number;
  /** Nobody listened on it. */
  readonly port: number;
}

const PORT = 9;

const sender = `
  const socket = require("node:dgram").createSocket("udp4");
  let left = Number(process.argv[1]);
  const send = () => {
    if (left-- === 0) socket.close();
    else socket.send("kerntel", ${PORT}, "127.0.0.1", send);
  };
  send();
`;

/** Sends so many datagrams to a closed port of a new namespace's loopback. */
export async function dropBurst(count: number): Promise<Burst> {
  const run = await runInNamespace('"$0" -e "$1" "$2"', process.execPath, sender, String(count));
  return { ...run, count, port: PORT };
}

/** One, where loopback has another name. `name`: as printf(1) understands it, with bytes as `\\377`. */
export async function dropOnInterface(name: string): Promise<Burst> {
  const script = `
    name=$(printf "$3") && ip link set lo down && ip link set lo name "$name" && ip link set "$name" up &&
    "$0" -e "$1" "$2"`;
  const run = await runInNamespace(script, process.execPath, sender, "1", name);
  return { ...run, count: 1, port: PORT };
}
