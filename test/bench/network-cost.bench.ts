/**
 * What the network events cost each packet, beside an empty program on the same hook in the same run. Times are those
 * of BPF run statistics; on a shared machine only the ratio says something.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { enableStatistics, openObject } from "bpf-loader-napi";
import type { Program } from "bpf-loader-napi";
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

/** Nanoseconds and number of the runs that `work` causes. */
async function measure({ event, program, empty, work }: Case): Promise<readonly [string, string]> {
  using none = openObject(new URL("empty.bpf.o", import.meta.url), { programs: [empty] }).load();
  const file = new URL(`../../events/${event}/${event}.bpf.o`, import.meta.url);
  using object = openObject(file, { programs: [program] }).load();
  none.attach(empty);
  object.attach(program);
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

for (const each of cases) process.stdout.write(`${each.what}: ${(await measure(each)).join(", ")}\n`);
