/** The files of a new event, before they are formatted: all templates are here and in `write-kernel-half.ts`. */
import { camelCase, pascalCase } from "#bpf/layout/names.ts";
import type { HookArgument } from "./hook-arguments.ts";
import { writeKernelHalf } from "./write-kernel-half.ts";

export interface EventPlan {
  readonly name: string;
  readonly tracepoint: string;
  readonly hookArguments: readonly HookArgument[];
  /** Structs and unions that need no declaration in the BPF program. */
  readonly known: ReadonlySet<string>;
  /** Last words that attributes of other events have, and that need an excuse here. */
  readonly takenWords: ReadonlySet<string>;
}

/** Text by the name of the file in the folder. */
export function writeEvent(plan: EventPlan): Readonly<Record<string, string>> {
  return {
    [`${plan.name}.bpf.c`]: writeKernelHalf(plan),
    "telemetry.yaml": writeTelemetry(plan),
    "event.ts": writeUserHalf(plan),
    "event.test.ts": writeTest(plan),
    "README.md": writeReadme(plan),
  };
}

type Recorded = HookArgument & Required<Pick<HookArgument, "field">>;

function recorded({ hookArguments }: EventPlan): Recorded[] {
  return hookArguments.filter((each): each is Recorded => each.field !== undefined);
}

function lines<Part>(parts: readonly Part[], write: (part: Part) => string): string {
  return parts.map(write).join("\n");
}

function writeTelemetry(plan: EventPlan): string {
  const { name, tracepoint } = plan;
  const fields = recorded(plan);
  const attributes = lines(
    fields,
    (field) =>
      `  - { key: kerntel.${name}.${field.name}, type: ${field.field.attribute}, stability: development, brief: The argument \`${field.name}\`. }`,
  );
  const excuses = fields
    .filter((field) => plan.takenWords.has(field.name))
    .map((field) => `${field.name}: an argument`)
    .join(", ");
  return `file_format: definition/2

${fields.length > 0 ? `attributes:\n${attributes}\n` : ""}
events:
  - name: kerntel.${name}
    brief: A task passed the tracepoint \`${tracepoint}\`.
    stability: development
    annotations: { kerntel: { severity: 9${excuses === "" ? "" : `, differs: { ${excuses} }`} } }
    attributes:
      - { ref: process.pid, requirement_level: required }
      - { ref: thread.id, requirement_level: required }
      - { ref: thread.name, requirement_level: required }
${lines(fields, (field) => `      - { ref: kerntel.${name}.${field.name}, requirement_level: required }`)}

metrics:
  - name: kerntel.${name}.occurrences
    instrument: counter
    unit: "{occurrence}"
    brief: How often the tracepoint \`${tracepoint}\` was passed.
    stability: development
    attributes: []
`;
}

function writeUserHalf(plan: EventPlan): string {
  const { name, tracepoint } = plan;
  const type = pascalCase(name);
  const fields = recorded(plan);
  const words = fields.map((field) => `, ${field.name} \${record.${camelCase(field.name)}}`);
  return `/** Reports every task that passes the tracepoint ${tracepoint}. */
import type { EventTracingAttr, TracerRecord } from "#receiver/tracing/contract.ts";
import { defineEvent } from "#receiver/tracing/define-event.ts";
import { sum } from "#receiver/tracing/metric.ts";
import { taskAttributes, taskSubject } from "#receiver/tracing/task.ts";
import { ${camelCase(name)}RecordLayout } from "./record.generated.ts";
import type { ${type}Record } from "./record.generated.ts";
import { kerntel${type}Event, kerntel${type}Occurrences } from "./telemetry.generated.ts";
import type { Kerntel${type}Attributes } from "./telemetry.generated.ts";

export function describe${type}(record: ${type}Record): TracerRecord<Kerntel${type}Attributes> {
  return {
    time: record.time,
    subject: taskSubject(record),
    attributes: {
      ...taskAttributes(record),
${lines(fields, (field) => `"kerntel.${name}.${field.name}": record.${camelCase(field.name)},`)}
    },
    body: \`${tracepoint}: \${record.comm} (\${record.pid})${words.join("")}\`,
  };
}

export function create${type}(): EventTracingAttr {
  return defineEvent({
    event: kerntel${type}Event,
    object: new URL("${name}.bpf.o", import.meta.url),
    requires: { ${tracepoint}: ${plan.hookArguments.length} },
    programs: ["on_${tracepoint}"],
    records: [[${camelCase(name)}RecordLayout, describe${type}]],
    metrics: ({ totals, startedAt }) => [
      sum(kerntel${type}Occurrences, [{ attributes: {}, value: totals().seen }], startedAt),
    ],
  });
}
`;
}

function writeTest(plan: EventPlan): string {
  const { name } = plan;
  const type = pascalCase(name);
  // Each field has a value of its own, so that a describer that takes the wrong one is found.
  const values = recorded(plan).map(({ name: field, field: { attribute } }, index) => ({
    field,
    value: attribute === "boolean" ? "true" : String(index + 1),
  }));
  return `/** A record goes in; its log record and metrics come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { create${type}, describe${type} } from "./event.ts";
import type { ${type}Record } from "./record.generated.ts";

const sample: ${type}Record = {
  time: 1_000,
  cgroupId: 77n,
  pid: 4711,
  tid: 4712,
  comm: "sample",
  cgroup: "/sample",
${lines(values, ({ field, value }) => `${camelCase(field)}: ${value},`)}
};

test("a record becomes a log record about the cgroup of its task", () => {
  const { time, subject, attributes } = describe${type}(sample);
  assert.equal(time, 1_000);
  assert.deepEqual(subject, { kind: "cgroup", id: 77n, path: "/sample" });
  assert.deepEqual(attributes, {
    "process.pid": 4711,
    "thread.id": 4712,
    "thread.name": "sample",
${lines(values, ({ field, value }) => `"kerntel.${name}.${field}": ${value},`)}
  });
});

test("before the first run nothing has happened, and the metric is there", () => {
  const metrics = create${type}().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.map(({ value }) => value)]),
    [["kerntel.${name}.occurrences", [0]]],
  );
});
`;
}

function writeReadme({ name, tracepoint }: EventPlan): string {
  return `# ${name}

A task passed the tracepoint \`${tracepoint}\`: every time, in the context of the task that ran on the CPU then.

<!-- settings:begin events.${name} -->
<!-- settings:end -->

<!-- telemetry:begin -->
<!-- telemetry:end -->
`;
}
