/** Inside the guest: runs the plan and says what was measured, one JSON text a line, on the port that it is given. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { findOwn } from "../cost-plan.ts";
import type { CostLine, CostPlan, EventPlan, Measured, Phase, RunProgram } from "../cost-plan.ts";
import type { CostState, Workload } from "../cost-states.ts";

const FOLDER = "/costs";
const COUNT = 200;
/** Cheap runs are more, so that a timer interrupt in one of them does not show. */
const CHEAP_COUNT = 2_000;
const WARM_UP = 20;
/** Kerntel has nothing left to do when it took no CPU for so long. */
const SETTLED_MS = 200;
/** How often fixed work is measured in each phase, by a new process each time. */
const ROUNDS = 3;

const port = openSync(process.argv[2] ?? "/dev/stdout", "w");
const plan = JSON.parse(readFileSync(`${FOLDER}/plan.json`, "utf8")) as CostPlan;

function send(line: CostLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(port, bytes, sent);
}

function measure(options: readonly string[], workload: Workload, count: number): Measured {
  const output = execFileSync(`${FOLDER}/measure`, [...options, workload, String(count)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  return JSON.parse(output) as Measured;
}

function measureWhole(phase: Phase, options: readonly string[]): void {
  for (let round = 0; round < ROUNDS; round++)
    for (const measured of runWhole(options)) send({ type: "whole", phase, measured });
}

function runWhole(options: readonly string[]): Measured[] {
  return plan.whole.map(({ workload, count, warmUp }) =>
    measure([...options, "-w", String(warmUp)], workload, count),
  );
}

/** Resolves when every event is attached or has its reason. */
async function startKerntel(): Promise<ChildProcess> {
  const kerntel = spawn(join(process.cwd(), "kerntel"), ["run"], { stdio: ["ignore", "inherit", "pipe"] });
  let said = "";
  for await (const text of kerntel.stderr.setEncoding("utf8") as AsyncIterable<string>) {
    process.stderr.write(text);
    said += text;
    if (said.includes("kerntel: ready")) break;
  }
  if (!said.includes("kerntel: ready")) throw new Error(`kerntel did not start: ${said}`);
  return kerntel;
}

function stateOptions({ programs }: EventPlan, state: CostState, own: readonly RunProgram[]): string[] {
  const { settings = {}, command, warmUp = WARM_UP } = state;
  const isLoaded = (name: string): boolean => own.some((program) => program.name === name);
  const empty = programs.filter(({ name }) => isLoaded(name)).map((program) => program.empty);
  const names = [...new Set(empty.filter((name) => name !== undefined))];
  const assignments = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const ids = own.map(({ id }) => id).join(",");
  return [
    "-s",
    "-w",
    String(warmUp),
    ...(names.length === 0 ? [] : ["-e", `${FOLDER}/empty.bpf.o`, "-n", names.join(",")]),
    ...(assignments.length === 0 ? [] : ["-i", ids, "-o", assignments.join(",")]),
    ...(command === undefined ? [] : ["-a", command]),
  ];
}

/** A process that has worked off what it was given: no ring is full then. */
async function settle(pid: number): Promise<void> {
  const readCpuTicks = (): number => {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  };
  for (let before = -1, now = readCpuTicks(); now !== before; now = readCpuTicks()) {
    before = now;
    await setTimeout(SETTLED_MS);
  }
}

async function measureEvent(eventPlan: EventPlan, loaded: readonly RunProgram[], pid: number): Promise<void> {
  const { event, states } = eventPlan;
  const own = findOwn(eventPlan, loaded);
  if (own.length === 0) return;
  for (const state of states) {
    const { workload, isEventRunning = false } = state;
    const { count = state.state === "record" ? COUNT : CHEAP_COUNT } = state;
    await settle(pid);
    try {
      const options = [
        ...(isEventRunning ? [] : ["-p", String(pid)]),
        ...stateOptions(eventPlan, state, own),
      ];
      send({ type: "state", event, state, measured: measure(options, workload, count) });
    } catch (error) {
      send({ type: "failure", message: `${event}, ${state.state} by ${workload}: ${String(error)}` });
    }
  }
}

// How many datagrams are answered would otherwise depend on when the work began.
writeFileSync("/proc/sys/net/ipv4/icmp_msgs_per_sec", "0");
// The first round in a machine that has just booted meets memory that nobody has used: it counts for nothing.
runWhole([]);
measureWhole("before", []);
const parts = ["-s", "-w", String(WARM_UP), "-e", `${FOLDER}/parts.bpf.o`, "-n", plan.parts.join(",")];
send({ type: "parts", measured: measure(parts, "closed-port", COUNT) });
const kerntel = await startKerntel();
const { pid = 0 } = kerntel;
const stop = ["-p", String(pid)];
const { programs } = measure([...stop, "-s"], "spin", 1);
send({ type: "loaded", release: release(), programs });
measureWhole("with", stop);
send({
  type: "reached",
  measured: plan.whole.map(({ workload }) =>
    measure([...stop, "-s", "-w", String(WARM_UP)], workload, COUNT),
  ),
});
for (const event of plan.events) await measureEvent(event, programs, pid);
measureWhole("with-still", stop);
kerntel.kill("SIGKILL");
await once(kerntel, "exit");
measureWhole("after", []);
send({ type: "end" });
