/**
 * What the network events cost each packet, beside an empty program on the same hook in the same run. Times are those
 * of BPF run statistics; on a shared machine only the ratio says something.
 */
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { enableStatistics, keepReceiveTimestamps, openObject, readClocks } from "bpf-loader-napi";
import type { LoadedObject, Program } from "bpf-loader-napi";
import { dropConnection, dropDatagrams } from "../provoke/drop.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
execFileSync(process.execPath, ["bpf/compile.ts", "test/bench/*.bpf.c"], { cwd: root });

interface Case {
  readonly what: string;
  readonly event: string;
  readonly program: string;
  readonly empty: string;
  /** Lets the hook be hit some thousand times. */
  readonly work: () => Promise<void>;
}

const cases: readonly Case[] = [
  {
    what: "tcp_retransmit, a dropped datagram",
    event: "tcp_retransmit",
    program: "drop_with_reason",
    empty: "empty_drop",
    work: async () => {
      await dropDatagrams("udp4", 5_000);
    },
  },
  {
    what: "tcp_retransmit, a dropped SYN",
    event: "tcp_retransmit",
    program: "drop_with_reason",
    empty: "empty_drop",
    work: async () => {
      for (let dropped = 0; dropped < 1_000; dropped++) await dropConnection("127.0.0.1");
    },
  },
];

const latencyHooks = [
  ["to_stack", "empty_receive", "the network stack"],
  ["tcp_to_transport", "empty_transport", "its socket"],
  ["tcp_to_user", "empty_copy", "its reader"],
] as const;
const latencyCases = latencyHooks.map(([program, empty, place]) => ({
  what: `net_rx_latency, a segment that comes in time to ${place}`,
  event: "net_rx_latency",
  program,
  empty,
  work: exchangeSegments,
}));

/** So many times there and back. */
async function exchangeSegments(): Promise<void> {
  const server = createServer((socket) => socket.setNoDelay(true).pipe(socket));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay(true);
  await once(socket, "connect");
  for (let trip = 0; trip < 3_000; trip++) {
    socket.write("kerntel");
    await once(socket, "data");
  }
  socket.destroy();
  server.close();
}

/** A real clock and tick, so that nothing is late. */
function setClock(object: LoadedObject, tickNs: bigint): void {
  const section = object.map(".data.settings");
  const { realtimeNs, monotonicNs } = readClocks();
  const values = section.lookup(0) as Record<string, bigint>;
  if ("clock_offset_ns" in values)
    section.update(0, { ...values, clock_offset_ns: realtimeNs - monotonicNs, tick_ns: tickNs });
}

/** Nanoseconds and number of the runs that `work` causes. */
async function measure(
  { event, program, empty, work }: Case,
  tickNs: bigint,
): Promise<readonly [string, string]> {
  using none = openObject(new URL("empty.bpf.o", import.meta.url), { programs: [empty] }).load();
  const file = new URL(`../../events/${event}/${event}.bpf.o`, import.meta.url);
  using object = openObject(file, { programs: [program] }).load();
  setClock(object, tickNs);
  none.attach(empty);
  object.attach(program);
  using stamps = keepReceiveTimestamps();
  void stamps;
  using statistics = enableStatistics();
  const programs = [object.program(program), none.program(empty)];
  const before = programs.map(readRun);
  await work();
  void statistics;
  const [programNs = 0, emptyNs = 0] = programs.map((each, index) => perRun(each, before[index]));
  return [
    `${programNs.toFixed(0)} ns, empty ${emptyNs.toFixed(0)} ns`,
    `ratio ${(programNs / emptyNs).toFixed(1)}`,
  ];
}

interface RunTime {
  readonly count: bigint;
  readonly timeNs: bigint;
}

function readRun(program: Program): RunTime {
  const { runCount, runTimeNs } = program.statistics();
  return { count: runCount, timeNs: runTimeNs };
}

function perRun(program: Program, before: RunTime = { count: 0n, timeNs: 0n }): number {
  const after = readRun(program);
  return Number(after.timeNs - before.timeNs) / Number(after.count - before.count);
}

/** With that of CONFIG_HZ=250 one packet in 64 is timed; with the longest there is, each. */
for (const each of cases) process.stdout.write(`${each.what}: ${(await measure(each, 0n)).join(", ")}\n`);
for (const each of latencyCases)
  for (const [how, tickNs] of [
    ["as it is", 4_200_000n],
    ["each timed", 1_000_000_000n],
  ] as const)
    process.stdout.write(`${each.what}, ${how}: ${(await measure(each, tickNs)).join(", ")}\n`);
