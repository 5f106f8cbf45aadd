import assert from "node:assert/strict";
import { test } from "node:test";
import { checkTelemetry } from "./check-telemetry.ts";
import { TelemetryError } from "./definition.ts";
import { readTelemetry } from "./read-telemetry.ts";
import { makeFiles, samplePath, sampleText } from "./sample-files.ts";
import { standardAttributes } from "./standard-attributes.ts";
import { isStandardName } from "./standard-names.ts";

/** The mistakes that one change of the sample leads to. */
function problemsOf(from: string, to: string): readonly string[] {
  try {
    checkTelemetry(makeFiles(from, to));
  } catch (error) {
    assert.ok(error instanceof TelemetryError, String(error));
    return error.problems;
  }
  return [];
}

test("the sample keeps all rules, and so do the files of this tree", () => {
  assert.deepEqual(problemsOf("", ""), []);
  checkTelemetry(readTelemetry());
});

const mistakes: readonly [from: string, to: string, problem: string][] = [
  ["ref: process.pid", "ref: process.pids", "@process.pids is neither defined here nor a standard attribute"],
  ["ref: process.pid", "ref: gen_ai.system", "@gen_ai.system has no type yet: add it to"],
  ["ref: network.transport", "ref: kerntel.sample.reason", ": kerntel.sample.reason is referred to twice"],
  ["ref: network.transport", "ref: kerntel.other.name", "kerntel.other.name is neither defined here"],
  [
    "key: kerntel.sample.sizes",
    "key: process.sizes",
    "@process.sizes: process. belongs to OpenTelemetry, own names begin with kerntel.",
  ],
  ["key: kerntel.sample.sizes", "key: acme.sizes", "@acme.sizes: own names begin with kerntel."],
  ["key: kerntel.sample.reason", "key: reason", "@reason: own names begin with kerntel."],
  [
    "key: kerntel.sample.sizes",
    "key: kerntel.other.sizes",
    "kerntel.other.sizes must begin with kerntel.sample.",
  ],
  [
    "key: kerntel.sample.sizes",
    "key: kerntel.sample.constraint",
    "is also defined at events/sample/telemetry.yaml:3",
  ],
  [
    "key: kerntel.sample.sizes",
    "key: kerntel.sample.constraint.kind",
    "kerntel.sample.constraint is also the namespace of kerntel.sample.constraint.kind",
  ],
  [
    "key: kerntel.sample.reason",
    "key: kerntel.event.name",
    "kerntel.event.name is also defined at receiver/telemetry/telemetry.yaml:3",
  ],
  [
    "      - { ref: kerntel.sample.reason, requirement_level: required }\n",
    "",
    "nothing refers to kerntel.sample.reason",
  ],
  [
    "name: kerntel.sample\n",
    "name: kerntel.samples\n",
    "@kerntel.samples must be kerntel.sample, as its folder is called",
  ],
  [
    "name: kerntel.sample.failures",
    "name: kerntel.failures",
    "kerntel.failures must begin with kerntel.sample.",
  ],
  [
    "name: kerntel.sample.failures",
    "name: kerntel.sample_duration",
    "kerntel.sample_duration is also defined at",
  ],
  ["unit: s", "unit: ms", "unit ms of kerntel.sample.duration: use UCUM without prefixes"],
  ["unit: s", "unit: By", "kerntel.sample.duration must be a histogram in s, by its last word"],
  ["instrument: counter", "instrument: histogram", ""],
  ["sample.failures", "sample.failures_total", "must not end in a unit or in total"],
  ["sample.failures", "sample.count", "kerntel.sample.count must be a updowncounter, by its last word"],
  [
    "ref: network.transport",
    "ref: process.pid",
    "kerntel.sample.duration must not have process.pid: its values have no bound",
  ],
  ...[
    "kerntel.cgroup.id",
    "kerntel.victim.cgroup.path",
    "kerntel.sender.process.pid",
    "kerntel.duration",
  ].map((name): [from: string, to: string, problem: string] => [
    "ref: network.transport",
    `ref: ${name}`,
    `kerntel.sample.duration must not have ${name}: its values have no bound`,
  ]),
];

for (const [from, to, problem] of mistakes) {
  const title =
    problem === ""
      ? `"${to}" is no mistake`
      : `"${to.trim() || `without ${from.trim()}`}": ${problem.replace("@", "")}`;
  test(title, () => {
    const problems = problemsOf(from, to);
    const line = sampleText.slice(0, sampleText.indexOf(from)).split("\n").length;
    const expected = problem.replace("@", `${samplePath}:${line}: `);
    if (problem === "") assert.deepEqual(problems, []);
    else {
      assert.ok(
        problems.some((each) => each.includes(expected)),
        problems.join("\n"),
      );
      assert.ok(problems.every((each) => each.startsWith(samplePath)));
    }
  });
}

test("every standard attribute with a type exists in OpenTelemetry's conventions and says what it means", () => {
  for (const [name, { type, brief }] of standardAttributes) {
    assert.ok(isStandardName(name), name);
    assert.match(type, /^((string|int|double|boolean)(\[\])?|template\[string\])$/, name);
    assert.ok(brief.length > 3, name);
  }
});
