import assert from "node:assert/strict";
import { test } from "node:test";
import type { Attributes } from "@opentelemetry/api";
import { AttributeLimiter } from "./attribute-limiter.ts";

function createLimiter(valueLength: number, count = 128): AttributeLimiter {
  return new AttributeLimiter({ valueLength, count });
}

test("a text is cut to the limit, and before a surrogate pair that would be cut in two", () => {
  const cases: readonly (readonly [text: string, limit: number, expected: string])[] = [
    ["abc", 3, "abc"],
    ["abcd", 3, "abc"],
    ["abcd", 0, ""],
    ["ab😀", 4, "ab😀"],
    ["ab😀", 3, "ab"],
    ["ab😀c", 4, "ab😀"],
    ["😀", 1, ""],
    ["😀😀", 3, "😀"],
    ["äöü", 2, "äö"],
    // A half without its other half was so before.
    ["a\ud83db", 2, "a\ud83d"],
    ["\ude00\ude00", 1, "\ude00"],
  ];
  for (const [text, limit, expected] of cases)
    assert.equal(createLimiter(limit).cutText(text), expected, `${text} at ${limit}`);
});

test("each text of a list is cut by itself, and what is no text stays", () => {
  const limiter = createLimiter(3);
  const attributes: Attributes = {
    text: "abcd",
    short: "abc",
    texts: ["abcd", "abc", "ab😀", undefined, null],
    numbers: [123_456, 1],
    number: 123_456,
    flag: true,
  };
  const before = structuredClone(attributes);
  const texts = ["abc", "abc", "ab", undefined, null];
  assert.deepEqual(limiter.cutValues(attributes), { ...attributes, text: "abc", texts });
  assert.deepEqual(attributes, before, "what was given is changed");
  assert.deepEqual(limiter.counts(), { cut: 3, dropped: 0 });
});

test("attributes with nothing to cut are not copied", () => {
  const attributes = { text: "abc", texts: ["abc"] };
  assert.equal(createLimiter(3).cutValues(attributes), attributes);
});

const identity = { "container.id": "1".repeat(64), "container.name": "web" };

function makeLabels(count: number): Attributes {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`container.label.${index}`, "x".repeat(1_000)]),
  );
}

test("a resource loses labels first and then what was configured, and never what its records are about", () => {
  const configured = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`own.${index}`, index]));
  const limiter = createLimiter(65_536);
  const resource = limiter.limitResource(
    { "host.name": "a", ...configured },
    { ...makeLabels(2_000), ...identity },
  );
  const names = Object.keys(resource);
  assert.equal(names.length, 128);
  assert.deepEqual(names.slice(0, 4), ["container.id", "container.name", "host.name", "own.0"]);
  assert.ok(!names.some((name) => name.startsWith("container.label.")));
  assert.deepEqual(limiter.counts(), { cut: 0, dropped: 2_203 - 128 });
});

test("a resource keeps its ids and names whole where the limits are lower than they are", () => {
  const limiter = createLimiter(1, 1);
  const resource = limiter.limitResource({ "host.name": "node-1" }, { ...makeLabels(100), ...identity });
  assert.equal(Object.keys(resource).length, 32);
  assert.deepEqual({ ...resource, ...identity, "host.name": "node-1" }, resource);
  assert.equal(resource["container.label.0"], "x".repeat(256));
  assert.deepEqual(limiter.counts(), { cut: 29, dropped: 71 });
});

test("within the limits a resource is the subject's attributes over the host's, in their order", () => {
  const resource = createLimiter(1_000).limitResource(
    { "host.name": "a", "container.name": "b" },
    { ...makeLabels(2), ...identity },
  );
  assert.deepEqual(Object.entries(resource), [
    ["host.name", "a"],
    ["container.name", "web"],
    ...Object.entries(makeLabels(2)),
    ["container.id", identity["container.id"]],
  ]);
});
