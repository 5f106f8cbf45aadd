/** Drops of one kind, apart from those of the machine: in a network namespace of their own. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface Burst {
  readonly count: number;
  /** Of the network namespace, which is gone by now. */
  readonly netnsInode: number;
  /** Nobody listened on it. */
  readonly port: number;
}

const PORT = 9;

/** One process for each burst: the kernel sees nothing else of it. */
const sender = `
  const socket = require("node:dgram").createSocket("udp4");
  const inode = require("node:fs").readlinkSync("/proc/self/ns/net").replace(/\\D+/g, "");
  let left = Number(process.argv[1]);
  const send = () => {
    if (left-- === 0) {
      socket.close();
      console.log(inode);
    } else socket.send("kerntel", ${PORT}, "127.0.0.1", send);
  };
  send();
`;

/** Sends so many datagrams to a closed port of a new namespace's loopback. */
export async function dropBurst(count: number): Promise<Burst> {
  const inNamespace = 'ip link set lo up && exec "$0" -e "$1" "$2"';
  const command = ["--net", "sh", "-c", inNamespace, process.execPath, sender, String(count)];
  const { stdout } = await promisify(execFile)("unshare", command);
  return { count, netnsInode: Number(stdout), port: PORT };
}
