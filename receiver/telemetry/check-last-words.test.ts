import assert from "node:assert/strict";
import { test } from "node:test";
import { checkLastWords, takenLastWords } from "./check-last-words.ts";
import { parseTelemetry } from "./parse-telemetry.ts";
import { programPath, readTelemetry } from "./read-telemetry.ts";
import type { TelemetryFile } from "./definition.ts";

/** An event that defines these attributes and has these shared ones; `differs` is an excuse. */
function event(
  name: string,
  own: Readonly<Record<string, string | undefined>>,
  refs: string[] = [],
): TelemetryFile {
  const keys = Object.keys(own).map(
    (key) => `  - { key: ${key}, type: int, brief: A., stability: development }\n`,
  );
  const excuses = Object.entries(own)
    .filter(([, differs]) => differs !== undefined)
    .map(([key, differs]) => `${key.slice(key.lastIndexOf(".") + 1)}: ${differs}`);
  const differs = excuses.length === 0 ? "" : `, differs: { ${excuses.join(", ")} }`;
  const references = [...Object.keys(own), ...refs].map((ref) => `      - ref: ${ref}\n`);
  return parseTelemetry(
    `events/${name}/telemetry.yaml`,
    `file_format: definition/2\nattributes:${keys.length === 0 ? " []" : ""}\n${keys.join("")}events:\n  - name: kerntel.${name}\n    brief: A.\n` +
      `    stability: development\n    annotations: { kerntel: { severity: 9${differs} } }\n    attributes:\n${references.join("")}`,
  );
}

const shared = parseTelemetry(
  programPath,
  `file_format: definition/2
attributes:
  - { key: kerntel.network.namespace.cookie, type: string, brief: A., stability: development }
  - { key: kerntel.destination.name, type: string, brief: A., stability: development }
`,
);
const user = event("user", {}, ["kerntel.network.namespace.cookie"]);

test("a word of one event is its own, at however many places", () => {
  assert.deepEqual(
    checkLastWords([event("a", { "kerntel.a.speed": undefined, "kerntel.a.old.speed": undefined })]),
    [],
  );
});

test("the second event with a word is refused, with the name that has it", () => {
  const files = [event("a", { "kerntel.a.speed": undefined }), event("b", { "kerntel.b.speed": undefined })];
  assert.deepEqual(checkLastWords(files), [
    "events/b/telemetry.yaml:3: kerntel.b.speed ends as kerntel.a.speed does: share one attribute in " +
      "receiver/telemetry/telemetry.yaml, or say what differs by annotations: { kerntel: { differs: { speed: … } } }",
  ]);
});

test("one line excuses it, whichever of the two has it", () => {
  const plain = { "kerntel.a.speed": undefined };
  assert.deepEqual(checkLastWords([event("a", plain), event("b", { "kerntel.b.speed": "of a disk" })]), []);
  assert.deepEqual(
    checkLastWords([
      event("a", { "kerntel.a.speed": "of a link" }),
      event("b", { "kerntel.b.speed": undefined }),
    ]),
    [],
  );
});

test("a third event needs an excuse of its own", () => {
  const files = ["a", "b", "c"].map((name) =>
    event(name, { [`kerntel.${name}.speed`]: name === "b" ? "of a disk" : undefined }),
  );
  assert.match(
    checkLastWords(files).join("\n"),
    /^events\/c\/.* kerntel.c.speed ends as kerntel.a.speed does[^\n]*$/,
  );
});

test("an excuse that nothing needs is refused", () => {
  assert.match(
    checkLastWords([event("a", { "kerntel.a.speed": "of a disk" })]).join("\n"),
    /^events\/a\/telemetry.yaml:3: no other event has the last word of kerntel.a.speed/,
  );
});

test("the word of a shared attribute is no event's own, and that of the receiver's own metrics is free", () => {
  const own = event("a", { "kerntel.a.cookie": undefined, "kerntel.a.name": undefined });
  assert.match(
    checkLastWords([shared, user, own]).join("\n"),
    /^events\/a\/.*kerntel.a.cookie ends as kerntel.network.namespace.cookie does[^\n]*$/,
  );
});

for (const [name, known, role] of [
  ["kerntel.a.netns.namespace.cookie", "kerntel.network.namespace.cookie", "kerntel.netns.namespace.cookie"],
  ["kerntel.a.sender.process.pid", "process.pid", "kerntel.sender.process.pid"],
] as const)
  test(`${name} says a shared concept with a role, and no line excuses it`, () => {
    const problems = checkLastWords([shared, user, event("a", { [name]: "of another" })]).join("\n");
    assert.ok(
      problems.includes(`${name} says what ${known} says: refer to that, or define ${role} in`),
      problems,
    );
  });

test("the words of this tree are taken, those of its shared attributes too", () => {
  const taken = takenLastWords(readTelemetry());
  assert.ok(["vector", "cookie", "duration"].every((word) => taken.has(word)));
  assert.ok(!taken.has("rejection"));
});

test("an excuse for a word that the event does not have is refused with its line", () => {
  const path = "events/a/telemetry.yaml";
  const file = parseTelemetry(
    path,
    `file_format: definition/2
events:
  - name: kerntel.a
    brief: A.
    stability: development
    annotations:
      kerntel:
        severity: 9
        differs:
          speed: of a disk
    attributes: []
`,
  );
  assert.deepEqual(checkLastWords([file]), [
    `${path}:10: no attribute of this event ends in speed: differs says nothing`,
  ]);
});
