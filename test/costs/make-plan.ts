/** What is to be measured: every program of every event and of the receiver, as its object and the `kernel.costs.ts` beside it say. */
import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openObject } from "bpf-loader-napi";
import type { CostPlan, EventPlan, WholeWorkload } from "./cost-plan.ts";
import type { Costs } from "./cost-states.ts";
import { compileParts, nameEmptyPrograms } from "./empty-programs.ts";

const root = join(import.meta.dirname, "../..");

/** In one go, after the first few. */
const PACKETS = 1_000;
const whole: readonly WholeWorkload[] = [
  { workload: "tcp-round-trip", count: PACKETS, warmUp: 50 },
  { workload: "closed-port", count: PACKETS, warmUp: 50 },
  { workload: "fork-exec", count: 100, warmUp: 30 },
  { workload: "page-cache", count: 4_096, warmUp: 0 },
];

export interface CostSources {
  readonly plan: CostPlan;
  /** By event; none where there is no `kernel.costs.ts`. */
  readonly costs: ReadonlyMap<string, Costs>;
  /** Name of the empty program, by hook. */
  readonly emptyPrograms: ReadonlyMap<string, string>;
}

/** Compiles what is measured beside the events, too. `only`: events to be measured, without the slow work; empty: all. */
export async function makePlan(only: readonly string[] = []): Promise<CostSources> {
  const objects = globSync("{events,receiver}/**/*.bpf.o", { cwd: root }).sort();
  const programs = objects.map((path) => {
    using object = openObject(join(root, path));
    const folder = dirname(path);
    return { event: basename(folder), folder, programs: object.programs };
  });
  const hooks = programs.flatMap((event) => event.programs.map(({ section }) => section));
  const emptyPrograms = nameEmptyPrograms(hooks);
  const costs = new Map<string, Costs>();
  const events: EventPlan[] = [];
  for (const { event, folder, programs: own } of programs) {
    const declared = await readCosts(join(root, folder, "kernel.costs.ts"));
    if (declared !== undefined) costs.set(event, declared);
    const described = own.map(({ name, section }) => ({
      name,
      hook: section,
      empty: emptyPrograms.get(section),
    }));
    const isMeasured = only.length === 0 || only.includes(event);
    events.push({ event, programs: described, states: (isMeasured && declared?.states) || [] });
  }
  const unknown = only.filter((name) => !events.some(({ event }) => event === name));
  if (unknown.length > 0) throw new Error(`there is no event ${unknown.join(", ")} to measure`);
  using partsObject = openObject(join(root, await compileParts()));
  const parts = partsObject.programs.map(({ name }) => name);
  const work = only.length === 0 ? whole : whole.filter(({ count }) => count === PACKETS);
  return { plan: { parts, whole: work, events }, costs, emptyPrograms };
}

async function readCosts(path: string): Promise<Costs | undefined> {
  if (!existsSync(path)) return undefined;
  const module = (await import(path)) as { readonly costs: Costs };
  return module.costs;
}
