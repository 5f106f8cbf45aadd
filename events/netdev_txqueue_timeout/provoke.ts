/** A network card whose other end takes nothing any more; only in a guest, which has two cards on one wire. */
import { createSocket } from "node:dgram";
import { existsSync, readdirSync, realpathSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { scaleDeadline } from "#test/live/wait-until.ts";
import { ipBatch } from "#test/provoke/link.ts";
import { loadModules } from "#test/provoke/loaded-module.ts";

const DRIVER = "/sys/bus/virtio/drivers/virtio_net";
const OWN_ADDRESS = "198.51.100.1";
const OTHER_ADDRESS = "198.51.100.2";
/** More than a ring holds (256), and than one socket may have under way. */
const DATAGRAMS = 300;
const SOCKETS = 4;
const SENDING_MS = scaleDeadline(1_000);

export interface StalledCard extends Disposable {
  readonly name: string;
  /** The kernel looks for slow completions too. */
  readonly hasByteQueueLimits: boolean;
  /** The other end takes everything that waits. */
  release(): void;
}

interface Card {
  readonly name: string;
  /** As `virtio1`. */
  readonly device: string;
}

function findCards(): Card[] {
  return readdirSync("/sys/class/net")
    .filter((name) => existsSync(`/sys/class/net/${name}/device/driver`))
    .map((name) => ({ name, device: basename(realpathSync(`/sys/class/net/${name}/device`)) }))
    .filter(({ device }) => existsSync(`${DRIVER}/${device}`));
}

/** `stallLimitMs`: what byte queue limits complain about. */
export function stallCard(stallLimitMs: number): StalledCard {
  loadModules("virtio_pci", "virtio_net");
  const [card, other] = findCards();
  if (card === undefined || other === undefined) throw new Error("there are no two virtio cards on one wire");
  ipBatch([
    `link set ${card.name} up`,
    `addr replace ${OWN_ADDRESS}/24 dev ${card.name}`,
    `neigh replace ${OTHER_ADDRESS} lladdr 02:00:00:00:00:02 dev ${card.name}`,
  ]);
  const limitPath = `/sys/class/net/${card.name}/queues/tx-0/byte_queue_limits/stall_thrs`;
  const hasByteQueueLimits = existsSync(limitPath);
  if (hasByteQueueLimits) writeFileSync(limitPath, String(stallLimitMs));
  writeFileSync(`${DRIVER}/unbind`, other.device);
  flood();
  let isReleased = false;
  const release = (): void => {
    if (!isReleased) writeFileSync(`${DRIVER}/bind`, other.device);
    isReleased = true;
  };
  return {
    name: card.name,
    hasByteQueueLimits,
    release,
    [Symbol.dispose]: (): void => {
      release();
      // What was sent since then would wait for an end that is down.
      ipBatch([`link set ${card.name} down`]);
    },
  };
}

function flood(): void {
  for (let count = 0; count < SOCKETS; count++) {
    const socket = createSocket("udp4");
    // Those beyond the socket's memory wait, and go with the socket.
    socket.on("error", () => {});
    for (let sent = 0; sent < DATAGRAMS; sent++) socket.send("kerntel", 9, OTHER_ADDRESS, () => {});
    setTimeout(() => socket.close(), SENDING_MS);
  }
}
