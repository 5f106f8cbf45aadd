/** A user who makes and removes cgroups as fast as the kernel can, under names of containers, while real ones start. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { RunningKerntel } from "../live/running-kerntel.ts";
import { scaleDeadline, waitUntil } from "../live/wait-until.ts";
import { FakeDocker } from "../provoke/fake-docker.ts";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { OOM_LIMIT_BYTES, outgrow } from "#events/oom/provoke.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

/** What the attack may cost, whatever the machine. */
const MOST_GROWTH_BYTES = 30 * 1024 * 1024;
const MOST_LOOKUPS_PER_SECOND = 20;
/** A record waits so long at most. */
const MOST_WAIT_MS = 250;

export type ChurnForm = "removed at once" | "kept for a second";

export interface ChurnFigures {
  /** Cgroups that the user made and removed, a second. */
  readonly madePerSecond: number;
  readonly residentBytes: { readonly before: number; readonly most: number };
  /** About the user's cgroups, to the container runtime. */
  readonly lookups: { readonly total: number; readonly mostInOneSecond: number };
  /** From the creation of a real container's cgroup to the runtime's lookup: before the attack, and while it ran. */
  readonly usualLookupMs: readonly number[];
  readonly containerLookupMs: readonly number[];
  /** `kerntel.attribution` of the records about the real containers. */
  readonly attributions: readonly string[];
  readonly metrics: string;
}

/** `$1`: directory, `$2`: how long, `$3`: how long each stays. 64 at a time, under names of containers. */
const churn = `
import { mkdirSync, rmdirSync } from "node:fs";
import { randomBytes } from "node:crypto";
const [directory, durationMs, keptMs] = process.argv.slice(1);
const base = randomBytes(24).toString("hex");
const start = performance.now();
const kept = [];
let made = 0;
while (performance.now() - start < Number(durationMs)) {
  for (let each = 0; each < 64; each++) {
    const path = directory + "/docker-" + base + made.toString(16).padStart(16, "0") + ".scope";
    mkdirSync(path);
    kept.push([performance.now(), path]);
    made++;
  }
  while (kept.length > 0 && (kept[0][0] + Number(keptMs) < performance.now() || kept.length > 4096)) rmdirSync(kept.shift()[1]);
}
for (const [, path] of kept) rmdirSync(path);
console.log(JSON.stringify({ made, seconds: (performance.now() - start) / 1000 }));
`;

/** Attacks a receiver of its own. Each second a real container starts, and one of its processes is killed for memory. */
export async function attackByCgroupChurn({
  durationMs,
  form,
  launcher,
}: {
  readonly durationMs: number;
  readonly form: ChurnForm;
  readonly launcher?: string;
}): Promise<ChurnFigures> {
  using docker = await FakeDocker.start("shop");
  await using user = await UnprivilegedUser.enter();
  await using kerntel = await RunningKerntel.start({
    events: "      oom: {}",
    containers: `      docker: { socket: ${docker.socket} }`,
    ...(launcher === undefined ? {} : { launcher }),
  });
  const usual = [await startContainer(docker), await startContainer(docker), await startContainer(docker)];
  using memory = watchMemory(kerntel.pid);
  const { directory } = user.cgroup("memory");
  const args = [directory, String(durationMs), form === "removed at once" ? "0" : "1000"];
  const run = user.node(churn, { args, limitMs: durationMs * 3 + 20_000 });
  const started = await startContainers(docker, run.ended);
  const end = await run.ended;
  if (end.code !== 0) throw new Error(`the attack ended with ${end.code}: ${end.err}`);
  const { made, seconds } = JSON.parse(end.out) as { made: number; seconds: number };
  const attributions = await Promise.all(
    started.map(async ({ id }) => {
      const line = await waitUntil("the kill in the local log", async () =>
        (await kerntel.look({ event: "kerntel.oom", container: id })).at(0),
      );
      return String(line.attributes["kerntel.attribution"]);
    }),
  );
  const own = new Set([...usual, ...started].map(({ id }) => id));
  const times = [...docker.askedAtMs].filter(([id]) => !own.has(id)).flatMap(([, each]) => each);
  return {
    madePerSecond: made / seconds,
    residentBytes: memory.read(),
    lookups: { total: times.length, mostInOneSecond: countMost(times) },
    usualLookupMs: usual.map(({ lookupMs }) => lookupMs),
    containerLookupMs: started.map(({ lookupMs }) => lookupMs),
    attributions,
    metrics: await kerntel.metrics(),
  };
}

/** Throws where the attack cost more than it may. Returns the figures as a sentence. */
export function checkChurn(figures: ChurnFigures): string {
  const { madePerSecond, residentBytes, lookups, usualLookupMs, containerLookupMs, attributions } = figures;
  const slowestMs = Math.max(...containerLookupMs);
  const said =
    `${madePerSecond.toFixed(0)} cgroups a second: resident memory ${mebibytes(residentBytes.before)} → ` +
    `${mebibytes(residentBytes.most)} MiB, at most ${lookups.mostInOneSecond} lookups a second (${lookups.total} in all), ` +
    `${attributions.length} containers looked up within ${slowestMs.toFixed(0)} ms ` +
    `(${Math.max(...usualLookupMs).toFixed(0)} ms without the attack)`;
  assert.ok(residentBytes.most - residentBytes.before <= MOST_GROWTH_BYTES, said);
  assert.ok(lookups.mostInOneSecond <= MOST_LOOKUPS_PER_SECOND, said);
  assert.ok(attributions.length > 1 && slowestMs <= scaleDeadline(MOST_WAIT_MS), said);
  assert.deepEqual(new Set(attributions), new Set(["resolved"]), said);
  return said;
}

function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}

interface StartedContainer {
  readonly id: string;
  readonly lookupMs: number;
}

async function startContainer(docker: FakeDocker): Promise<StartedContainer> {
  const id = randomBytes(32).toString("hex");
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/docker/${id}`, OOM_LIMIT_BYTES);
  // The kernel makes one cgroup after the other, and this one had to wait for the user's.
  const madeAtMs = performance.now();
  await outgrow(cgroup);
  const askedAtMs = await waitUntil("the lookup", () => docker.askedAtMs.get(id)?.[0]);
  return { id, lookupMs: Math.max(0, askedAtMs - madeAtMs) };
}

/** One each second until `ended`. */
async function startContainers(docker: FakeDocker, ended: Promise<unknown>): Promise<StartedContainer[]> {
  const started: StartedContainer[] = [];
  const isOver = ended.then(() => true);
  for (;;) {
    const startMs = performance.now();
    started.push(await startContainer(docker));
    const pauseMs = Math.max(0, 1_000 - (performance.now() - startMs));
    if (await Promise.race([isOver, sleep(pauseMs, false)])) return started;
  }
}

/** In any one second. */
function countMost(unordered: readonly number[]): number {
  const times = unordered.toSorted((left, right) => left - right);
  let [first, most] = [0, 0];
  for (const [index, time] of times.entries()) {
    while (time - (times[first] ?? time) >= 1_000) first++;
    most = Math.max(most, index - first + 1);
  }
  return most;
}

interface MemoryWatch extends Disposable {
  read(): ChurnFigures["residentBytes"];
}

/** The most that the process holds from now on, as the kernel notes it. */
function watchMemory(pid: number): MemoryWatch {
  const before = readResidentBytes(pid);
  let most = before;
  const look = (): void => {
    most = Math.max(most, readResidentBytes(pid));
  };
  const timer = setInterval(look, 100);
  return {
    read: () => {
      look();
      return { before, most };
    },
    [Symbol.dispose]: () => {
      clearInterval(timer);
    },
  };
}

function readResidentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kibibytes) * 1_024;
}
