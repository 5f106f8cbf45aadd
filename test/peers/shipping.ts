/** A local log on the disk and a delivery from it to one destination, for tests that load real receivers. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { Destination } from "#exporters/contract.ts";
import { startDelivery } from "#exporters/delivery/delivery.ts";
import type { Delivery, DeliveryOptions } from "#exporters/delivery/delivery.ts";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { waitUntil } from "../live/wait-until.ts";
import { assertBooks } from "../delivery/books.ts";

/** A real receiver on a loaded machine takes its time; one that never gets everything must end the test. */
export const SETTLE_DEADLINE_MS = 120_000;

export interface Shipping {
  readonly delivery: Delivery;
  /** Stores and announces records that differ in their attributes `thread.id` (0, 1, …) and in their nanoseconds. */
  store(
    count: number,
    change?: (record: ReadableLogRecord, index: number) => ReadableLogRecord,
  ): Promise<readonly ReadableLogRecord[]>;
  /** Until nothing is on its way; the books are checked after it. */
  settle(): Promise<void>;
  checkBooks(): void;
}

/** The delivery waits no more than a twentieth of what it would between attempts. It ends with the test. */
export async function startShipping(
  context: TestContext,
  destination: Destination,
  options: DeliveryOptions = {},
): Promise<Shipping> {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-shipping-"));
  const log = await openLocalLog({ directory });
  const delivery = startDelivery(log, destination, { batchDelayMs: 10, random: () => 0.05, ...options });
  context.after(async () => {
    await delivery.close(0);
    await log.close();
    rmSync(directory, { recursive: true });
  });
  const nextUid = createUidSource();
  let stored = 0;
  const checkBooks = (): void => assertBooks(delivery, stored);
  return {
    delivery,
    async store(count, change = (record) => record) {
      const records = Array.from({ length: count }, (_, index) =>
        change(createSampleRecord(nextUid(), varyRecord(stored + index)), index),
      );
      await log.append(records);
      stored += count;
      delivery.notify(records);
      return records;
    },
    async settle() {
      await waitUntil(
        "the destination to have everything",
        () => delivery.counts().pending === 0 || undefined,
        { deadlineMs: SETTLE_DEADLINE_MS },
      );
      checkBooks();
    },
    checkBooks,
  };
}

function varyRecord(index: number): Partial<ReadableLogRecord> & { attributes: { "thread.id": number } } {
  return { hrTime: [1_780_000_000 + index, 123_456_789], attributes: { "thread.id": index } };
}
