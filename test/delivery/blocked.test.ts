/**
 * Answers that are the fault of the destination, over each protocol: nothing is lost by them, the reason is said once, and
 * records flow again once the fault is mended. The accounting holds at every step.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { createFakeClock } from "#exporters/delivery/fake-clock.ts";
import type { DeliveryOptions } from "#exporters/delivery/options.ts";
import { waitUntil } from "../live/wait-until.ts";
import { createDestination, protocols } from "./create-destination.ts";
import { startReceiver } from "./faulty-receiver.ts";
import type { Answer, Protocol, Receiver, ReceiverOptions } from "./faulty-receiver.ts";
import { Line } from "./line.ts";

const RECORDS = 1500;
/** A busy machine must not turn an answer into a timeout. */
const TIMEOUT_MS = 10_000;
const PAGE = { "content-type": "text/html; charset=utf-8" };

interface Case {
  readonly answer: Answer;
  readonly reasons: Partial<Readonly<Record<Protocol, string>>>;
}

function sameReason(reason: string): Case["reasons"] {
  return { elasticsearch: reason, otlp_http: reason };
}

function fail(status: number, grpc?: string): Case {
  const reasons = { ...sameReason(`http_${status}`), ...(grpc !== undefined && { otlp_grpc: grpc }) };
  return { answer: { kind: "fail", status }, reasons };
}

function failItems(status: number, itemType: string): Case {
  return { answer: { kind: "fail", status, itemType }, reasons: { elasticsearch: itemType } };
}

function proxy(status: number, headers: Readonly<Record<string, string>>, reason: string): Case {
  return { answer: { kind: "proxy", status, headers, body: "<html>" }, reasons: sameReason(reason) };
}

const elsewhere = { location: "http://127.0.0.2:1/elsewhere" };
const cases: readonly Case[] = [
  fail(401, "grpc_unauthenticated"),
  fail(403, "grpc_permission_denied"),
  fail(404, "grpc_unimplemented"),
  fail(405),
  failItems(404, "index_not_found_exception"),
  failItems(400, "index_closed_exception"),
  failItems(403, "cluster_block_exception"),
  proxy(302, elsewhere, "http_302"),
  proxy(307, elsewhere, "http_307"),
  proxy(308, {}, "http_308"),
  proxy(200, PAGE, "html_answer"),
];

interface Started {
  readonly line: Line;
  readonly receiver: Receiver;
  readonly clock: ReturnType<typeof createFakeClock>;
  readonly states: string[];
}

async function start(
  context: TestContext,
  kind: Protocol,
  answer: ReceiverOptions["answer"],
  delivery: DeliveryOptions = {},
): Promise<Started> {
  const receiver = await startReceiver(context, { kind, ...(answer && { answer }) });
  const clock = createFakeClock();
  const states: string[] = [];
  const line = await Line.start(context, [createDestination[kind](receiver.url, TIMEOUT_MS)], {
    delivery: {
      batchRecords: 100,
      clock,
      attemptTimeoutMs: Infinity,
      onStateChange: (state, reason) => states.push(`${state} ${reason}`.trim()),
      ...delivery,
    },
  });
  return { line, receiver, clock, states };
}

for (const kind of protocols) {
  for (const { answer, reasons } of cases) {
    const reason = reasons[kind];
    if (reason === undefined) continue;
    void test(`${kind}: ${reason} keeps every record, and is said once`, async (context) => {
      const { line, receiver, clock, states } = await start(context, kind, (attempt) =>
        attempt > 1 && attempt < 5 ? answer : { kind: "take" },
      );
      line.offer(RECORDS);
      await line.settle();
      const counts = line.deliveries[0]?.counts();
      assert.deepEqual(counts?.rejected, {});
      assert.equal(counts.exported, RECORDS);
      assert.equal(new Set(receiver.taken).size, RECORDS);
      assert.deepEqual(states, [`blocked ${reason}`, "delivering"]);
      assert.equal(clock.slept.filter((delayMs) => delayMs >= 30_000 && delayMs <= 60_000).length, 3);
    });
  }

  void test(`${kind}: 400 for everything after the start keeps the backlog until the destination is mended`, async (context) => {
    let isWrong = true;
    const { line, receiver, states } = await start(context, kind, () =>
      isWrong ? { kind: "fail", status: 400 } : { kind: "take" },
    );
    line.offer(RECORDS);
    const [delivery] = line.deliveries;
    await waitUntil(
      "the destination to be blocked",
      () => delivery?.status().state === "blocked" || undefined,
    );
    line.checkBooks();
    assert.deepEqual([delivery?.counts().pending, delivery?.counts().rejected], [RECORDS, {}]);
    isWrong = false;
    await line.settle();
    assert.equal(receiver.taken.length, RECORDS);
    assert.equal(delivery?.counts().exported, RECORDS);
    assert.deepEqual(
      states.map((state) => state.split(" ")[0]),
      ["retrying", "blocked", "delivering"],
    );
  });

  void test(`${kind}: 400 for one request after the start is the fault of its records`, async (context) => {
    let poison: string | undefined;
    const { line } = await start(context, kind, (_, uids) => {
      poison ??= uids[0];
      return uids.includes(poison ?? "") ? { kind: "fail", status: 400 } : { kind: "take" };
    });
    line.offer(RECORDS);
    await line.settle();
    const counts = line.deliveries[0]?.counts();
    const rejected = Object.values(counts?.rejected ?? {}).reduce((sum, count) => sum + count, 0);
    assert.ok(rejected > 0 && rejected <= 100, `${rejected} records were rejected`);
    assert.equal(counts?.exported, RECORDS - rejected);
  });

  void test(`${kind}: with on_refusal drop, what a blocked destination refuses is rejected and counted`, async (context) => {
    const { line, states } = await start(context, kind, refuseSecond, { onRefusal: "drop" });
    line.offer(RECORDS);
    await line.settle();
    const counts = line.deliveries[0]?.counts();
    const reason = kind === "otlp_grpc" ? "grpc_unauthenticated" : "http_401";
    assert.deepEqual(Object.keys(counts?.rejected ?? {}), [reason]);
    assert.equal((counts?.exported ?? 0) + (counts?.rejected[reason] ?? 0), RECORDS);
    assert.deepEqual(states, []);
  });

  void test(`${kind}: a reload tries a blocked destination at once`, async (context) => {
    let isWrong = true;
    const never = { slept: [], sleep: createSleepUntilAborted() };
    const { line } = await start(
      context,
      kind,
      () => (isWrong ? { kind: "fail", status: 403 } : { kind: "take" }),
      { clock: never, batchDelayMs: 0 },
    );
    line.offer(RECORDS);
    const [delivery] = line.deliveries;
    await waitUntil(
      "the destination to be blocked",
      () => delivery?.status().state === "blocked" || undefined,
    );
    isWrong = false;
    delivery?.probe();
    await waitUntil("the records to arrive", () => delivery?.counts().exported === RECORDS || undefined);
    line.checkBooks();
  });
}

for (const kind of ["elasticsearch", "otlp_http"] as const) {
  for (const status of [307, 308]) {
    void test(`${kind}: ${status} within one origin is followed with method and body`, async (context) => {
      const { line, receiver, states } = await start(context, kind, (_attempt, _uids, _size, path = "") =>
        path.startsWith("/moved/")
          ? { kind: "take" }
          : { kind: "proxy", status, headers: { location: `/moved${path}` } },
      );
      line.offer(RECORDS);
      await line.settle();
      assert.equal(receiver.taken.length, RECORDS);
      assert.deepEqual(states, []);
    });
  }
}

function refuseSecond(attempt: number): Answer {
  return attempt === 2 ? { kind: "fail", status: 401 } : { kind: "take" };
}

/** Short waits end at once, those of a blocked destination by their signal only. */
function createSleepUntilAborted() {
  return (delayMs: number, signal?: AbortSignal): Promise<void> => {
    if (delayMs < 30_000 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  };
}
