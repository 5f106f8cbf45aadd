/** Inside the guest: runs the plan and says what was measured, one JSON text a line, on the port that it is given. */
import { execFileSync, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { findOwn } from "../cost-plan.ts";
import type { CostLine, CostPlan, EventPlan, Measured, RunProgram } from "../cost-plan.ts";
import type { CostState, Workload } from "../cost-states.ts";

const FOLDER = "/costs";
const COUNT = 200;
/** Cheap runs are more, so that a timer interrupt in one of them does not show. */
const CHEAP_COUNT = 2_000;
const WARM_UP = 20;

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

function measureWhole(hasProbes: boolean, options: readonly string[]): void {
  for (const { workload, count, warmUp } of plan.whole) {
    const measured = measure([...options, "-w", String(warmUp)], workload, count);
    send({ type: "whole", hasProbes, measured });
  }
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

function measureEvent(eventPlan: EventPlan, loaded: readonly RunProgram[], stop: readonly string[]): void {
  const { event, states } = eventPlan;
  const own = findOwn(eventPlan, loaded);
  if (own.length === 0) return;
  for (const state of states) {
    const { workload, isEventRunning = false } = state;
    const { count = state.state === "record" ? COUNT : CHEAP_COUNT } = state;
    try {
      const options = [...(isEventRunning ? [] : stop), ...stateOptions(eventPlan, state, own)];
      send({ type: "state", event, state, measured: measure(options, workload, count) });
    } catch (error) {
      send({ type: "failure", message: `${event}, ${state.state} by ${workload}: ${String(error)}` });
    }
  }
}

// How many datagrams are answered would otherwise depend on when the work began.
writeFileSync("/proc/sys/net/ipv4/icmp_msgs_per_sec", "0");
measureWhole(false, []);
const parts = ["-s", "-w", String(WARM_UP), "-e", `${FOLDER}/parts.bpf.o`, "-n", plan.parts.join(",")];
send({ type: "parts", measured: measure(parts, "closed-port", COUNT) });
const kerntel = await startKerntel();
const stop = ["-p", String(kerntel.pid)];
const { programs } = measure([...stop, "-s"], "spin", 1);
send({ type: "loaded", release: release(), programs });
measureWhole(true, stop);
send({
  type: "reached",
  measured: plan.whole.map(({ workload }) =>
    measure([...stop, "-s", "-w", String(WARM_UP)], workload, COUNT),
  ),
});
for (const event of plan.events) measureEvent(event, programs, stop);
kerntel.kill("SIGKILL");
await once(kerntel, "exit");
// Again, because a machine that has run for a while is not the one that has just started.
measureWhole(false, []);
send({ type: "end" });
