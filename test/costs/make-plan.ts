/** What is to be measured: every program of every event and of the receiver, as its object and the `kernel.costs.ts` beside it say. */
import { existsSync, globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openObject } from "bpf-loader-napi";
import type { CostPlan, EventPlan, WholeWorkload } from "./cost-plan.ts";
import type { Costs } from "./cost-states.ts";
import { compileParts, nameEmptyPrograms } from "./empty-programs.ts";

const root = join(import.meta.dirname, "../..");

/** As HUATUO was measured: so many in one go, after the first few. */
const whole: readonly WholeWorkload[] = [
  { workload: "tcp-round-trip", count: 3_000, warmUp: 50 },
  { workload: "closed-port", count: 3_000, warmUp: 50 },
  { workload: "fork-exec", count: 300, warmUp: 100 },
  { workload: "page-cache", count: 16_384, warmUp: 0 },
];

export interface CostSources {
  readonly plan: CostPlan;
  /** By event; none where there is no `kernel.costs.ts`. */
  readonly costs: ReadonlyMap<string, Costs>;
  /** Name of the empty program, by hook. */
  readonly emptyPrograms: ReadonlyMap<string, string>;
}

/** Compiles what is measured beside the events, too. */
export async function makePlan(): Promise<CostSources> {
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
    events.push({ event, programs: described, states: declared?.states ?? [] });
  }
  using partsObject = openObject(join(root, await compileParts()));
  const parts = partsObject.programs.map(({ name }) => name);
  return { plan: { parts, whole, events }, costs, emptyPrograms };
}

async function readCosts(path: string): Promise<Costs | undefined> {
  if (!existsSync(path)) return undefined;
  const module = (await import(path)) as { readonly costs: Costs };
  return module.costs;
}
