import assert from "node:assert/strict";
import { test } from "node:test";
import type { CostLine, EventPlan, Phase, RunProgram } from "./cost-plan.ts";
import { findUndeclared, findUnreached, toRows } from "./cost-rows.ts";
import type { Costs } from "./cost-states.ts";

const plan: EventPlan = {
  event: "oom",
  programs: [
    { name: "mark_victim", hook: "tp_btf/mark_victim", empty: "empty_mark" },
    { name: "older", hook: "tp_btf/mark_victim", empty: "empty_mark" },
    { name: "scan", hook: "iter/task", empty: undefined },
  ],
  states: [],
};
const functions = plan.programs.map(({ name }) => name);
const state = { state: "record", workload: "out-of-memory" } as const;

function program(name: string, runs: number, instructions: number, own = functions): RunProgram {
  return { id: 1, name, functions: own, verified: 7, slices: [[runs, 2 * runs * instructions]] };
}

const lines: CostLine[] = [
  { type: "loaded", release: "6.1.0-1", programs: [program("mark_victim", 0, 0), program("scan", 0, 0)] },
  {
    type: "state",
    event: "oom",
    state,
    measured: {
      workload: "out-of-memory",
      slices: [[10, 1]],
      programs: [
        program("mark_victim", 10, 500),
        program("scan", 0, 0),
        program("empty_mark", 10, 45, ["empty_mark"]),
        program("mark_victim", 10, 9, ["mark_victim"]),
      ],
    },
  },
];

test("a program's figure stands beside that of the empty one on its hook", () => {
  const { hits } = toRows([plan], new Map(), lines);
  const row = { event: "oom", program: "mark_victim", hook: "tp_btf/mark_victim", ...state };
  assert.deepEqual(hits, [{ ...row, instructions: 500, empty: 45 }]);
});

test("a program without a figure says why", () => {
  const costs = new Map<string, Costs>([
    ["oom", { states: [], notMeasured: { scan: "runs once a minute" } }],
  ]);
  const reasons = (declared: typeof costs): string[] =>
    toRows([plan], declared, lines).programs.map(({ notMeasured }) => notMeasured);
  assert.deepEqual(reasons(costs), ["", "not loaded on 6.1.0-1", "runs once a minute"]);
  assert.deepEqual(reasons(new Map()), ["", "not loaded on 6.1.0-1", "no workload reaches it"]);
});

for (const [title, reached, notMeasured, count] of [
  ["that fixed work reaches must be measured", program("scan", 3, 9), undefined, 1],
  ["that fixed work does not reach may be left", program("scan", 0, 9), undefined, 0],
  ["that has a reason may be left", program("scan", 3, 9), { scan: "runs once a minute" }, 0],
  ["that has a figure is measured", program("mark_victim", 3, 9), undefined, 0],
] as const) {
  test(`a program ${title}`, () => {
    const measured = { workload: "fork-exec", slices: [], programs: [reached] } as const;
    const all: CostLine[] = [...lines, { type: "reached", measured: [measured] }];
    const costs = new Map<string, Costs>([["oom", { states: [], ...(notMeasured && { notMeasured }) }]]);
    const sentences = findUndeclared(toRows([plan], costs, all), [plan], costs, all);
    assert.equal(sentences.length, count, sentences.join());
  });
}

test("a part costs what it takes above a program that does nothing", () => {
  const programs = [program("nothing", 200, 45), program("read_clock", 200, 98)];
  const measured = { workload: "closed-port", slices: [], programs } as const;
  const { parts } = toRows([plan], new Map(), [...lines, { type: "parts", measured }]);
  assert.deepEqual(parts, [{ part: "read clock", instructions: 53 }]);
});

test("a state that nothing was in is one that was not reached", () => {
  assert.deepEqual(findUnreached([plan], lines), []);
  const measured = { workload: "out-of-memory", slices: [], programs: [] } as const;
  const missed: CostLine[] = [
    { type: "state", event: "oom", state, measured },
    { type: "failure", message: "no memory" },
  ];
  assert.deepEqual(findUnreached([plan], missed), [
    "no memory",
    "oom: out-of-memory hits none of its programs, record",
  ]);
});

function whole(phase: Phase, instructions: number): CostLine {
  return {
    type: "whole",
    phase,
    measured: { workload: "closed-port", slices: [[50, 100 * instructions]], programs: [] },
  };
}

test("what probes add is the difference to the same work before and after them, of the least round", () => {
  const rounds: readonly (readonly [Phase, ...number[]])[] = [
    ["before", 9_600, 9_500, 9_501],
    // Two in a row that paid for something else.
    ["with", 10_000, 10_285, 10_290],
    ["with-still", 11_000, 20_000, 11_001],
    ["after", 10_500, 10_500, 10_501],
  ];
  const all = rounds.flatMap(([phase, ...each]) => each.map((instructions) => whole(phase, instructions)));
  assert.deepEqual(toRows([], new Map(), all).whole, [
    { workload: "closed-port", count: 150, without: 10_000, withProbes: 10_500 },
  ]);
});
