import assert from "node:assert/strict";
import { test } from "node:test";
import { TelemetryError } from "./definition.ts";
import { parseTelemetry } from "./parse-telemetry.ts";
import { programPath } from "./read-telemetry.ts";
import { makeFiles, programText, samplePath, sampleText } from "./sample-files.ts";

const mistakes: readonly [from: string, to: string, message: string][] = [
  ["definition/2", "definition/1", 'file_format must be definition/2, not "definition/1"'],
  ["unit: s", "units: s", "metrics.0 has no key units"],
  [
    "instrument: histogram",
    "instrument: timer",
    "metrics.0.instrument must be one of counter, updowncounter",
  ],
  ["severity: 17", "severity: 25", "events.0.annotations.kerntel.severity must be <= 24, not 25"],
  [
    "key: kerntel.sample.reason",
    "key: Reason-Code",
    'attributes.2.key must be lower-case words with digits and _, joined by dots, not "Reason-Code"',
  ],
  ["type: int[]", "type: integer", "attributes.1.type must be one of string, int, double"],
  ["members:", "member:", "attributes.0.type has no key member"],
  [
    "requirement_level: recommended",
    "requirement_level: optional",
    'must be one of required, recommended, opt_in, not "optional"',
  ],
  ["conditionally_required: if known", "sometimes: yes", "has no key sometimes"],
  ["severity: 17", "severity: 17, severity: 18", "Map keys must be unique"],
];

for (const [from, to, message] of mistakes) {
  test(`"${to}" is refused with its line and its key`, () => {
    const line = sampleText.slice(0, sampleText.indexOf(from)).split("\n").length;
    assert.throws(
      () => makeFiles(from, to),
      (error: unknown) => {
        assert.ok(error instanceof TelemetryError);
        assert.equal(error.code, "TELEMETRY_INVALID");
        const place = `${samplePath}:${line}: `;
        const found = error.problems.some((each) => each.startsWith(place) && each.includes(message));
        return found || assert.fail(error.message);
      },
    );
  });
}

test("a missing key is told with the line of what lacks it", () => {
  const line = sampleText.slice(0, sampleText.indexOf("  - name: kerntel.sample\n")).split("\n").length;
  assert.throws(() => makeFiles("annotations: { kerntel: { severity: 17 } }", "note: None."), {
    message: `${samplePath}:${line}: events.0 must have required property 'annotations'`,
  });
});

/** What is left out, and who lacks it; the stability follows it in the sample. */
const unstable: readonly [text: string, place: string][] = [
  ["    brief: Why it happened.\n", "attributes.2"],
  ["    brief: A sample was taken.\n", "events.0"],
  ["    brief: How long samples took.\n", "metrics.0"],
  ["    brief: On every resource.\n", "attribute_groups.1"],
];

for (const [brief, place] of unstable) {
  test(`${place} without a stability is refused, and one with an unknown stability`, () => {
    const [path, text] = sampleText.includes(brief) ? [samplePath, sampleText] : [programPath, programText];
    const declared = `${brief}    stability: development\n`;
    assert.ok(text.includes(declared));
    for (const [changed, message] of [
      [brief, `${place} must have required property 'stability'`],
      [
        declared.replace("development", "experimental"),
        `${place}.stability must be one of stable, development, alpha, beta, release_candidate, not "experimental"`,
      ],
    ] as const)
      assert.throws(
        () => parseTelemetry(path, text.replace(declared, changed)),
        (error: unknown) =>
          error instanceof TelemetryError && error.problems.length === 1 && error.message.endsWith(message),
        message,
      );
  });
}

test("every mistake of a file is told at once", () => {
  assert.throws(
    () => makeFiles("instrument: histogram\n    unit: s", "instrument: timer\n    units: s"),
    (error: unknown) => error instanceof TelemetryError && error.problems.length === 3,
  );
});
