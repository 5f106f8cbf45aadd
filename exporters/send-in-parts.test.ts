import assert from "node:assert/strict";
import { test } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { readUid, type SendResult } from "./contract.ts";
import { createSampleRecord } from "./sample-record.ts";
import { sendInParts, type TooLarge } from "./send-in-parts.ts";

const TOO_LARGE: TooLarge = { kind: "too_large", reason: "http_413", message: "big" };

/** Takes at most `most` records at once and no record of `huge`; `answer` may speak first. */
async function send(
  count: number,
  most: number,
  {
    huge = [],
    answer = () => undefined,
  }: {
    readonly huge?: readonly string[];
    readonly answer?: (uids: readonly string[]) => SendResult | undefined;
  } = {},
): Promise<{ arrived: string; tries: number; result: SendResult }> {
  const arrived: string[] = [];
  let tries = 0;
  const records = Array.from({ length: count }, (_, index) =>
    createSampleRecord(String.fromCharCode(97 + index)),
  );
  const result = await sendInParts(records, async (part) => {
    tries += 1;
    const uids = part.map(uidOf);
    const own = answer(uids);
    if (own) return own;
    if (part.length > most || uids.some((uid) => huge.includes(uid))) return TOO_LARGE;
    arrived.push(...uids);
    return { kind: "delivered" };
  });
  return { arrived: arrived.join(""), tries, result };
}

function uidOf(record: ReadableLogRecord): string {
  return readUid(record) ?? "";
}

test("a batch that fits is sent once, whatever the answer", async () => {
  for (const answer of [
    { kind: "retry", reason: "x" },
    { kind: "rejected", reason: "y", count: 3 },
  ] as const)
    assert.deepEqual(await send(3, 0, { answer: () => answer }), { arrived: "", tries: 1, result: answer });
  assert.deepEqual(await send(3, 3), { arrived: "abc", tries: 1, result: { kind: "delivered" } });
});

test("a batch that is too large arrives in halves, in order", async () => {
  assert.deepEqual(await send(8, 3), { arrived: "abcdefgh", tries: 7, result: { kind: "delivered" } });
});

test("a record that is too large by itself is refused, with itself as the sample, and the others arrive", async () => {
  const { arrived, result } = await send(5, 5, { huge: ["b", "e"] });
  assert.equal(arrived, "acd");
  assert.ok(result.kind === "partial");
  assert.deepEqual(
    result.rejected.map(({ reason, count, message, sample }) => [
      reason,
      count,
      message,
      sample && uidOf(sample),
    ]),
    [
      ["http_413", 1, "big", "b"],
      ["http_413", 1, "big", "e"],
    ],
  );
  assert.deepEqual(result.again, []);
});

test("what has to be sent again stops the rest, which is sent again too", async () => {
  const failure: SendResult = { kind: "retry", reason: "http_503", retryAfterMs: 5 };
  const { arrived, result } = await send(8, 2, {
    answer: (uids) => (uids.join("") === "cd" ? failure : undefined),
  });
  assert.equal(arrived, "ab");
  assert.ok(result.kind === "partial");
  assert.equal(result.again.map(uidOf).join(""), "cdefgh");
  assert.deepEqual([result.reason, result.retryAfterMs, result.rejected], ["http_503", 5, []]);
});

test("a batch is divided by bytes before anything is encoded, and only a record that is too large alone is refused", async () => {
  const sizes = [3, 3, 9, 3, 3, 3];
  const records = sizes.map((_, index) => createSampleRecord(`R${index}`));
  const measure = (part: readonly ReadableLogRecord[]): number =>
    part.reduce((sum, record) => sum + (sizes[records.indexOf(record)] ?? 0), 0);
  const sent: number[] = [];
  const result = await sendInParts(
    records,
    async (part) => {
      sent.push(measure(part));
      return { kind: "delivered" };
    },
    { limitBytes: 8, measure },
  );
  assert.ok(result.kind === "partial");
  assert.deepEqual(
    result.rejected.map(({ reason, count, sample }) => [reason, count, sample]),
    [["max_request_size", 1, records[2]]],
  );
  assert.deepEqual(result.again, []);
  assert.ok(sent.every((size) => size <= 8));
  assert.equal(
    sent.reduce((sum, size) => sum + size, 0),
    15,
  );
});
