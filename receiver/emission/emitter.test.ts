import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { About, ResolvedSubject } from "../containers/resolved-subject.ts";
import { Emitter } from "./emitter.ts";
import { Settlements } from "./settlements.ts";
import { WallClock } from "./wall-clock.ts";

const oom = { name: "kerntel.oom", severity: 17 };
const byPath: ResolvedSubject = { attributes: { "container.id": "1" }, attribution: "path" };
const named: ResolvedSubject = {
  attributes: { "container.id": "1", "container.name": "web" },
  attribution: "resolved",
};

/** Paths of cgroups that are known by their ids. */
const whole = new Map([[7n, "/a/docker/web"]]);

const SECOND = 1_000_000_000n;
const bootId = "3b241101-e2bb-4255-8caf-4136c566a962";

function setUp(
  about: About,
  { clock = new WallClock(), isBootKnown = true, settlements = new Settlements() } = {},
): { readonly emitter: Emitter; readonly records: ReadableLogRecord[] } {
  const records: ReadableLogRecord[] = [];
  let uids = 0;
  const emitter = new Emitter({
    hostAttributes: { "host.name": "a" },
    scope: { name: "kerntel", version: "1" },
    limits: { valueLength: 65_536, count: 128 },
    clock,
    bootId: isBootKnown ? bootId : undefined,
    about: () => about,
    wholePath: (id, path) => whole.get(id) ?? path,
    waitMs: 60_000,
    nextUid: () => String(++uids),
    offer: (record) => records.push(record),
    settlements,
    onLost: (_eventName, error) => {
      throw error;
    },
  });
  return { emitter, records };
}

function save(emitter: Emitter, body: string): void {
  emitter.emit(oom, { time: 1, subject: { kind: "host" }, attributes: {}, body });
}

test("a record waits for the name of its container, and has its number from when it went", () => {
  const about = { resolved: byPath, isPending: true };
  const { emitter, records } = setUp(about);
  save(emitter, "waits");
  assert.equal(records.length, 0);
  about.resolved = named;
  about.isPending = false;
  emitter.release();
  const [record] = records;
  assert.deepEqual(record?.resource.attributes, { "host.name": "a", ...named.attributes });
  assert.deepEqual(record.attributes, {
    "kerntel.attribution": "resolved",
    "kerntel.boot.id": bootId,
    "kerntel.boot.time": 1e-9,
    "log.record.uid": "1",
  });
});

test("at the end what still waits goes with what is known", () => {
  const { emitter, records } = setUp({ resolved: byPath, isPending: true });
  save(emitter, "a");
  save(emitter, "b");
  emitter.flush();
  assert.deepEqual(
    records.map(({ body, attributes }) => [body, attributes["kerntel.attribution"]]),
    [
      ["a", "path"],
      ["b", "path"],
    ],
  );
});

test("what becomes known later makes a new resource, and the old one stays as it was", () => {
  const about = { resolved: byPath, isPending: false };
  const { emitter, records } = setUp(about);
  save(emitter, "before");
  about.resolved = named;
  save(emitter, "after");
  save(emitter, "again");
  const [before, after, again] = records.map(({ resource }) => resource);
  assert.equal(before?.attributes["container.name"], undefined);
  assert.equal(after?.attributes["container.name"], "web");
  assert.equal(after, again);
});

test("records stay in order by their time since boot while the wall clock is set back and forth", () => {
  let bootNs = 1_000n * SECOND;
  let offsetNs = 1_780_000_000n * SECOND;
  const clock = new WallClock(() => ({ realtimeNs: bootNs + offsetNs, boottimeNs: bootNs }));
  const { emitter, records } = setUp({ resolved: byPath, isPending: false }, { clock });
  for (const stepSeconds of [0n, -3_600n, 7_200n, -86_400n]) {
    bootNs += 1_500_000_001n;
    offsetNs += stepSeconds * SECOND;
    clock.refresh();
    emitter.emit(oom, { time: Number(bootNs), subject: { kind: "host" }, attributes: {}, body: "" });
  }
  assert.deepEqual(
    records.map(({ attributes }) => [attributes["kerntel.boot.id"], attributes["kerntel.boot.time"]]),
    [1001.500000001, 1003.000000002, 1004.500000003, 1006.000000004].map((time) => [bootId, time]),
  );
  assert.deepEqual(
    records.map(({ hrTime }) => hrTime),
    [
      [1_780_001_001, 500_000_001],
      [1_779_997_403, 2],
      [1_780_004_604, 500_000_003],
      [1_779_918_206, 4],
    ],
  );
});

test("a record that waits while the wall clock is set has both times of when it happened", () => {
  let offsetNs = 1_780_000_000n * SECOND;
  const clock = new WallClock(() => ({ realtimeNs: 9n * SECOND + offsetNs, boottimeNs: 9n * SECOND }));
  const { emitter, records } = setUp({ resolved: byPath, isPending: true }, { clock });
  emitter.emit(oom, { time: 8_500_000_000, subject: { kind: "host" }, attributes: {}, body: "" });
  offsetNs += 3_600n * SECOND;
  clock.refresh();
  emitter.flush();
  assert.deepEqual(records[0]?.hrTime, [1_780_000_008, 500_000_000]);
  assert.equal(records[0].attributes["kerntel.boot.time"], 8.5);
});

test("where the kernel does not say which boot it is, a record has its time since boot and no boot id", () => {
  const { emitter, records } = setUp({ resolved: byPath, isPending: false }, { isBootKnown: false });
  save(emitter, "");
  assert.deepEqual(Object.keys(records[0]?.attributes ?? {}), [
    "kerntel.attribution",
    "kerntel.boot.time",
    "log.record.uid",
  ]);
});

test("a path that is cut becomes whole where its cgroup is known, and is marked where it is not", () => {
  const { emitter, records } = setUp({ resolved: byPath, isPending: false });
  const cases: readonly [id: string, path: string, expected: object][] = [
    ["7", "…/web", { path: "/a/docker/web", isTruncated: undefined }],
    ["7", "", { path: "/a/docker/web", isTruncated: undefined }],
    ["8", "…/web", { path: "…/web", isTruncated: true }],
    ["8", "", { path: undefined, isTruncated: true }],
    // A path that is whole is what the kernel said at that moment.
    ["7", "/b", { path: "/b", isTruncated: undefined }],
    ["7", "/", { path: "/", isTruncated: undefined }],
  ];
  for (const [id, path, expected] of cases) {
    const attributes = { "a.cgroup.id": id, "a.cgroup.path": path, "url.path": "b" };
    emitter.emit(oom, { time: 1, subject: { kind: "host" }, attributes, body: "" });
    const emitted = records.at(-1)?.attributes;
    const isTruncated = emitted?.["kerntel.cgroup.path_truncated"];
    assert.deepEqual({ path: emitted?.["a.cgroup.path"], isTruncated }, expected);
    assert.equal(emitted?.["url.path"], "b");
  }
});

test("who saved a record learns what became of that one, and once", () => {
  const settlements = new Settlements();
  const { emitter } = setUp({ resolved: named, isPending: false }, { settlements });
  const outcomes: string[] = [];
  for (const body of ["a", "b", "c"])
    emitter.emit(oom, { time: 1, subject: { kind: "host" }, attributes: {}, body }, (outcome) => {
      outcomes.push(`${body} ${outcome}`);
    });
  save(emitter, "d");
  assert.equal(settlements.newestStored, undefined);
  for (const uid of ["2", "4", "2"]) settlements.settle(uid, "stored");
  settlements.settle("3", "refused");
  assert.deepEqual(outcomes, ["b stored", "c refused"]);
});

test("a record that cannot be made is settled as refused", () => {
  const lost: unknown[] = [];
  const outcomes: string[] = [];
  const emitter = new Emitter({
    hostAttributes: {},
    scope: { name: "kerntel", version: "1" },
    limits: { valueLength: 65_536, count: 128 },
    clock: new WallClock(),
    bootId,
    about: () => ({ resolved: named, isPending: false }),
    wholePath: () => {
      throw new Error("no path");
    },
    waitMs: 0,
    nextUid: () => "1",
    offer: () => {},
    settlements: new Settlements(),
    onLost: (eventName) => lost.push(eventName),
  });
  const attributes = { "kerntel.cgroup.id": "7", "kerntel.cgroup.path": "…/a" };
  emitter.emit(oom, { time: 1, subject: { kind: "host" }, attributes, body: "" }, (outcome) => {
    outcomes.push(outcome);
  });
  assert.deepEqual([lost, outcomes], [["kerntel.oom"], ["refused"]]);
});
