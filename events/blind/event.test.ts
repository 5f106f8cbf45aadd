/** Losses go in; log records come out, at most one an interval, and what is not stored comes again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Downtime, Loss, OnSettled, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { DueLosses } from "./due-losses.ts";
import type { BlindConfig } from "./due-losses.ts";
import { createBlind } from "./event.ts";
import { describeDowntime, describeLoss, readBlindReport } from "./report.ts";

const SECOND = 1_000_000_000;
const config: BlindConfig = { interval_seconds: 60, suppressed_percent: 10 };
const words = { wallTime: (ns: number): string => `boot+${ns / SECOND}` };

const ringLoss: Loss = {
  reason: "ring_lost",
  event: "oom",
  total: 12,
  seen: 300,
  count: 12,
  seenSince: 100,
  isCarried: false,
  from: 10 * SECOND,
  until: 12.5 * SECOND,
};

test("a loss becomes a log record about the time in which it happened", () => {
  assert.deepEqual(describeLoss(ringLoss, words), {
    time: 12.5 * SECOND,
    subject: { kind: "host" },
    severity: 13,
    attributes: {
      "kerntel.blind.reason": "ring_lost",
      "kerntel.blind.from": "boot+10",
      "kerntel.duration": 2.5,
      "kerntel.count": 12,
      "kerntel.event.name": "oom",
      "kerntel.blind.seen": 100,
    },
    body: "oom: the ring buffer was full for 12 records in 2.5 s",
  });
});

test("a loss of a container is about the container", () => {
  const subject = { kind: "cgroup", id: 7n, path: "/a" } as const;
  assert.deepEqual(describeLoss({ ...ringLoss, entity: { id: "a", subject } }, words).subject, subject);
});

const keys: readonly (readonly [Partial<Loss>, string])[] = [
  [
    { reason: "missed", count: 3 },
    "oom: a BPF program was already running on its CPU, 3 times, and saw nothing",
  ],
  [{ reason: "undecodable", count: 1 }, "oom: 1 record could not be decoded"],
  [{ reason: "refused" }, "oom: the local log could not take 12 records"],
  [{ reason: "suppressed" }, "oom: the rate limit suppressed 12"],
  [{ reason: "evicted", table: "cgroups" }, "the table cgroups forgot 12 entries before their time"],
  [{ reason: "ring_lost", table: "cgroups" }, "the table cgroups: the ring buffer was full for 12 records"],
  [
    { reason: "expired", destination: "far" },
    "far did not get 12 records before the local log destroyed them",
  ],
  [
    { reason: "unreadable", destination: "far" },
    "far did not get 12 records that are damaged in the local log",
  ],
];

for (const [key, sentence] of keys) {
  test(`reads back what it wrote: ${sentence}`, () => {
    const { event: _event, seenSince: _seen, ...withoutEvent } = ringLoss;
    const isOfEvent = key.table === undefined && key.destination === undefined;
    const loss = { ...(isOfEvent ? ringLoss : withoutEvent), ...key };
    const { body, attributes } = describeLoss(loss, words);
    assert.equal(body, `${sentence} in 2.5 s`);
    const { reason, count, event, destination, table } = loss;
    const expected = { reason, event, destination, table, count };
    assert.deepEqual({ event, destination, table, ...readBlindReport(attributes) }, expected);
  });
}

test("a time without a receiver is INFO where it had been stopped, else WARN", () => {
  const restart: Downtime = { reason: "restart", isCleanStop: true, from: 0, until: 5 * SECOND };
  assert.deepEqual(describeDowntime(restart, words), {
    time: 5 * SECOND,
    subject: { kind: "host" },
    severity: 9,
    attributes: {
      "kerntel.blind.reason": "restart",
      "kerntel.blind.from": "boot+0",
      "kerntel.duration": 5,
      "kerntel.blind.clean_stop": true,
    },
    body: "Nothing was watched for 5.0 s: the receiver had been stopped",
  });
  const crash = describeDowntime({ ...restart, reason: "crash", isCleanStop: false }, words);
  assert.deepEqual([crash.severity, crash.attributes["kerntel.blind.clean_stop"]], [13, false]);
  const reboot = { ...restart, reason: "reboot", previousBootId: "b", from: -3_595 * SECOND } as const;
  const { attributes, body } = describeDowntime(reboot, words);
  assert.deepEqual(
    [attributes["kerntel.blind.previous_boot.id"], attributes["kerntel.duration"]],
    ["b", 3_600],
  );
  assert.match(body, /^Nothing was watched for 60 min: .* the machine was started again$/);
  assert.equal(readBlindReport(attributes), undefined);
});

/** The same loss, later. */
function grow(loss: Loss, seconds: number, count: number, seen = count): Loss {
  return {
    ...loss,
    total: loss.total + count,
    count: loss.count + count,
    seen: (loss.seen ?? 0) + seen,
    seenSince: (loss.seenSince ?? 0) + seen,
    until: loss.until + seconds * SECOND,
  };
}

test("the first loss is due at once, then one record an interval, and none while one is on its way", () => {
  const due = new DueLosses();
  assert.deepEqual(due.choose([ringLoss], config), [ringLoss]);
  due.noteSent(ringLoss);
  const later = grow(ringLoss, 61, 1);
  assert.deepEqual(due.choose([later], config), []);
  due.noteSettled(ringLoss, true);
  assert.deepEqual(due.choose([grow(ringLoss, 59, 1)], config), []);
  assert.deepEqual(due.choose([later], config), [later]);
  assert.deepEqual(due.choose([grow(ringLoss, 1, 1)], config, true), [grow(ringLoss, 1, 1)]);
  // Of another reason or event it is another matter.
  const other: Loss = { ...grow(ringLoss, 1, 1), event: "ras" };
  assert.deepEqual(due.choose([other], config), [other]);
});

test("what a limit suppresses is due where it is more than its share of a window", () => {
  const due = new DueLosses();
  const limited: Loss = {
    ...ringLoss,
    reason: "suppressed",
    total: 10,
    count: 10,
    seen: 100,
    seenSince: 100,
  };
  assert.deepEqual(due.choose([limited], config), []);
  // A quiet hour dilutes nothing: the burst is compared with what came in its own window.
  const quiet = grow(limited, 3_600, 0, 1_000_000);
  assert.deepEqual(due.choose([quiet], config), []);
  const burst = grow(quiet, 2, 50, 400);
  assert.deepEqual(due.choose([burst], config), [burst]);
  // It stays due while its interval lasts, whatever comes.
  due.noteSent(burst);
  due.noteSettled(burst, false);
  const after = grow(burst, 60, 1, 100_000);
  assert.deepEqual(due.choose([after], config), [after]);
});

test("what an earlier run left is due whatever its share", () => {
  const carried: Loss = { ...ringLoss, reason: "suppressed", count: 1, seen: 1_000_000, isCarried: true };
  assert.deepEqual(new DueLosses().choose([carried], config), [carried]);
});

interface Sent {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly settle: OnSettled;
}

test("what is stored is reported, what is refused is part of the next record, and the end waits for no interval", async (self) => {
  const { tracingData } = createBlind();
  const stop = new AbortController();
  self.after(() => {
    stop.abort();
  });
  const sent: Sent[] = [];
  const reported: unknown[] = [];
  let [unreported, seen]: [readonly Loss[], number] = [[ringLoss], 0];
  const downtime: Downtime = { reason: "crash", isCleanStop: false, from: 0, until: SECOND };
  const context = {
    signal: stop.signal,
    config,
    onReload: () => {},
    attached: () => {},
    wallTime: words.wallTime,
    counters: { add: () => (seen += 1) },
    events: { ready: Promise.resolve() },
    losses: {
      unreported: () => unreported,
      downtimes: () => [downtime],
      reported: (said: unknown) => reported.push(said),
    },
    save: ({ attributes }: TracerRecord<Sent["attributes"]>, settle: OnSettled) =>
      sent.push({ attributes, settle }),
  };
  const running = tracingData.start(context as unknown as TracingContext<BlindConfig>);
  await new Promise(setImmediate);
  assert.deepEqual(
    sent.map(({ attributes }) => attributes["kerntel.blind.reason"]),
    ["crash", "ring_lost"],
  );
  const [ofDowntime, ofLoss] = sent.splice(0);
  ofDowntime?.settle("stored");
  ofLoss?.settle("refused");
  assert.deepEqual(reported, [downtime]);
  const grown = grow(ringLoss, 1, 3);
  unreported = [grown];
  stop.abort();
  await running;
  const [last] = sent;
  assert.equal(last?.attributes["kerntel.count"], 15);
  last.settle("stored");
  assert.deepEqual(reported, [downtime, grown]);
  assert.equal(seen, 3);
  const [ofLosses, ofDowntimes] = tracingData.update?.() ?? [];
  assert.equal(ofLosses?.descriptor.name, "kerntel.blind.unreported");
  assert.deepEqual(ofLosses.dataPoints[0]?.attributes, { "kerntel.blind.reason": "ring_lost" });
  assert.equal(ofLosses.dataPoints[0].value, 15);
  assert.equal(ofDowntimes?.descriptor.name, "kerntel.blind.downtime");
  assert.deepEqual(ofDowntimes.dataPoints[0]?.attributes, { "kerntel.blind.reason": "crash" });
  assert.equal(ofDowntimes.dataPoints[0].value, 1);
});
