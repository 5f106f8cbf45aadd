import assert from "node:assert/strict";
import { test } from "node:test";
import { hostByPath } from "../containers/resolved-subject.ts";
import { HeldRecords } from "./held-records.ts";

interface Subject {
  isPending: boolean;
  readonly resolved: typeof hostByPath;
}

const about = (isPending: boolean): Subject => ({ isPending, resolved: hostByPath });

test("what nothing is awaited for goes at once", () => {
  const held = new HeldRecords(250);
  const sent: string[] = [];
  held.put("oom", { about: about(false), send: () => sent.push("a") });
  assert.deepEqual(sent, ["a"]);
});

test("a record goes when its container is known, and later ones of its event stay behind it", () => {
  const held = new HeldRecords(60_000);
  const sent: string[] = [];
  const unknown = about(true);
  held.put("oom", { about: unknown, send: () => sent.push("first") });
  held.put("oom", { about: about(false), send: () => sent.push("second") });
  held.put("softirq", { about: about(false), send: () => sent.push("other event") });
  held.release();
  assert.deepEqual(sent, ["other event"]);
  assert.equal(held.counts().held, 2);
  unknown.isPending = false;
  held.release();
  assert.deepEqual(sent, ["other event", "first", "second"]);
  assert.deepEqual(held.counts(), { held: 0, answered: 2, expired: 0, crowded: 0 });
});

test("after the moment it goes with what is known, and is counted", async () => {
  const held = new HeldRecords(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  held.put("oom", { about: about(true), send: resolve });
  await promise;
  assert.deepEqual(held.counts(), { held: 0, answered: 0, expired: 1, crowded: 0 });
});

test("no moment means no waiting", () => {
  const held = new HeldRecords(0);
  let sent = 0;
  held.put("oom", { about: about(true), send: () => sent++ });
  assert.equal(sent, 1);
});

test("beyond the bound records go at once, in their order, and the end sends the rest", () => {
  const held = new HeldRecords(60_000);
  const sent: number[] = [];
  for (let record = 0; record < 4_097; record++)
    held.put("oom", { about: about(true), send: () => sent.push(record) });
  assert.equal(sent.length, 4_097);
  assert.deepEqual(
    sent,
    sent.toSorted((left, right) => left - right),
  );
  assert.equal(held.counts().crowded, 1);
  held.put("oom", { about: about(true), send: () => sent.push(-1) });
  held.sendAll();
  assert.deepEqual([sent.at(-1), held.counts().held], [-1, 0]);
});

test("an event that fills the room leaves another one its half: its oldest records go first", () => {
  const held = new HeldRecords(60_000);
  const sent: string[] = [];
  const put = (event: string, count: number): void => {
    for (let each = 0; each < count; each++)
      held.put(event, { about: about(true), send: () => sent.push(`${event} ${each}`) });
  };
  put("dropwatch", 4_096);
  put("oom", 2_048);
  assert.deepEqual([sent.length, sent[0], sent.at(-1)], [2_048, "dropwatch 0", "dropwatch 2047"]);
  assert.deepEqual([held.counts().held, held.counts().crowded], [4_096, 2_048]);
  // More than its half: it goes at once, behind what it held, and the other one keeps its own.
  put("oom", 1);
  assert.deepEqual(
    sent.slice(2_048).filter((each) => !each.startsWith("oom")),
    [],
  );
  assert.equal(held.counts().held, 2_048);
});

test("the moment can be changed: for records that come, and for all where nothing is to wait", async () => {
  const held = new HeldRecords(60_000);
  const sent: string[] = [];
  held.put("oom", { about: about(true), send: () => sent.push("before") });
  held.setWait(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  held.put("softirq", { about: about(true), send: resolve });
  held.setWait(0);
  await promise;
  assert.deepEqual(sent, ["before"]);
  held.put("oom", { about: about(true), send: () => sent.push("after") });
  assert.deepEqual(sent, ["before", "after"]);
});
