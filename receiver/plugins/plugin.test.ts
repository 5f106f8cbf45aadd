import assert from "node:assert/strict";
import { test } from "node:test";
import { findPluginProblem } from "./plugin.ts";

const event = (): object => ({ tracingData: {}, event: { name: "kerntel.a", severity: 9 } });
const exporter = { name: "a", description: "A.", logs: { settings: {}, processors: ["batch"] } };

test("a list of factories and exporters is a plug-in, and so is an empty one", () => {
  assert.equal(findPluginProblem({ apiVersion: 1, events: { a: event }, exporters: [exporter] }), undefined);
  assert.equal(findPluginProblem({ apiVersion: 1 }), undefined);
});

const wrong: readonly (readonly [value: unknown, problem: RegExp])[] = [
  [undefined, /no default export/],
  [() => ({}), /no default export/],
  [{}, /`apiVersion` is not 1/],
  [{ apiVersion: 2 }, /`apiVersion` is not 1/],
  [{ apiVersion: 1, sources: [] }, /unknown key `sources`/],
  [{ apiVersion: 1, events: [event] }, /name that is not lower-case words/],
  [{ apiVersion: 1, events: { "A-b": event } }, /name that is not lower-case words/],
  [{ apiVersion: 1, events: { a: event() } }, /is not a factory/],
  [{ apiVersion: 1, events: { a: () => undefined } }, /returns no `EventTracingAttr`/],
  [{ apiVersion: 1, events: { b: event } }, /does not have the OpenTelemetry event name kerntel\.b/],
  [{ apiVersion: 1, exporters: { a: exporter } }, /`exporters` is not a list/],
  [{ apiVersion: 1, exporters: [null] }, /one of its exporters has no name/],
  [{ apiVersion: 1, exporters: [{ ...exporter, name: "" }] }, /one of its exporters has no name/],
  [{ apiVersion: 1, exporters: [{ name: "a" }] }, /exporter "a" has no description/],
  [{ apiVersion: 1, exporters: [{ name: "a", description: "A." }] }, /neither log records nor metrics/],
  [{ apiVersion: 1, exporters: [{ ...exporter, metrics: {} }] }, /neither log records nor metrics/],
];

for (const [value, problem] of wrong) {
  test(`what is no plug-in is refused with ${problem.source}: ${JSON.stringify(value)}`, () => {
    assert.match(findPluginProblem(value) ?? "", problem);
  });
}
