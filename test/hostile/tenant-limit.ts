/** What of a container's events is described while a user floods the same event: test/hostile/README.md. */
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import type { RunningKerntel, StoredLine } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { deadAddress, prepareLosses } from "#events/tcp_retransmit/provoke.ts";
import { floodDrops, floodSyns } from "./flood.ts";
import type { Flood } from "./flood.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

export const WANTED = 36;
const DROPS_A_SECOND = 5_000;
/** Twelve connections send a SYN again after one second, two, … */
const CONNECTIONS = 12;

export interface Beside {
  /** Of the container: what happened, and what a log record says. */
  readonly happened: number;
  readonly described: number;
  /** Of the user, meanwhile. */
  readonly flooded: number;
}

async function enter(): Promise<UnprivilegedUser> {
  const user = await UnprivilegedUser.enter({ memoryBytes: 512 * 1024 * 1024, files: 8_192 });
  try {
    await user.requireUserNamespaces();
    return user;
  } catch (error) {
    await user[Symbol.asyncDispose]();
    throw error;
  }
}

function begun(flood: Flood): Promise<number> {
  return waitUntil("the flood", () => (flood.count() > 1_000 ? flood.count() : undefined));
}

/** Until the container has sent 36 SYNs again, while a user sends thousands again, for at most `durationMs`. */
export async function floodBesideRetransmissions(
  kerntel: RunningKerntel,
  durationMs: number,
): Promise<Beside> {
  await using user = await enter();
  await using losses = await prepareLosses();
  await using flood = floodSyns(user, durationMs);
  const before = await begun(flood);
  const earlier = losses.sentAgain();
  const port = 20_000 + (process.pid % 10_000);
  losses.dial(deadAddress.ipv4, port, { count: CONNECTIONS });
  await waitUntil("36 SYNs to be sent again", () => losses.sentAgain() - earlier >= WANTED || undefined);
  const flooded = flood.count() - before;
  // Each connection's first three: more may follow until it is counted.
  const described = await countStored(kerntel, "kerntel.tcp_retransmit", ({ attributes }) => {
    const isOwn = attributes["network.peer.port"] === port;
    return isOwn && Number(attributes["kerntel.tcp_retransmit.total"]) <= WANTED / CONNECTIONS;
  });
  return { happened: WANTED, described, flooded };
}

/** Sends a datagram to a port where nobody listens, 36 times. */
const dropper = `
  const socket = require("node:dgram").createSocket("udp4").on("error", () => {});
  let sent = 0;
  const timer = setInterval(() => {
    socket.send("x", Number(process.argv[1]), "127.0.0.1");
    if (++sent === Number(process.argv[2])) { clearInterval(timer); setTimeout(() => socket.close(), 100); }
  }, 50);
`;

/** The same of 36 packets of a container that are dropped within two seconds. */
export async function floodBesideDrops(kerntel: RunningKerntel, durationMs: number): Promise<Beside> {
  await using user = await enter();
  const name = `docker-${randomBytes(32).toString("hex")}.scope`;
  await using container = makeMemoryCgroup(`/kerntel-test-${process.pid}/${name}`);
  await using flood = floodDrops(user, durationMs, DROPS_A_SECOND);
  const before = await begun(flood);
  const port = 30_000 + (process.pid % 10_000);
  const script =
    'echo $$ >"$0/cgroup.procs" && exec unshare -n sh -c \'/bin/ip link set lo up; exec "$@"\' sh "$@"';
  const command = [process.execPath, "-e", dropper, String(port), String(WANTED)];
  const child = spawn("sh", ["-c", script, container.directory, ...command], { stdio: "ignore" });
  await new Promise((resolve) => child.once("close", resolve));
  const flooded = flood.count() - before;
  const isOwn = ({ attributes }: StoredLine): boolean => attributes["destination.port"] === port;
  const described = await countStored(kerntel, "kerntel.dropwatch", isOwn);
  return { happened: WANTED, described, flooded };
}

/** Once the count has not changed for a second, because what was not described never comes. */
async function countStored(
  kerntel: RunningKerntel,
  event: string,
  isWanted: (line: StoredLine) => boolean,
): Promise<number> {
  const count = async (): Promise<number> => (await kerntel.look({ event })).filter(isWanted).length;
  for (let before = -1, now = await count(); ; before = now, now = await count()) {
    if (now === before) return now;
    await setTimeout(1_000);
  }
}
