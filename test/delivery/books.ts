/** The second equation of the accounting: stored = exported + rejected + expired + unreadable + pending. */
import assert from "node:assert/strict";
import type { Delivery } from "#exporters/delivery/delivery.ts";

/** Throws where a record is missing from the books or in them twice; `stored` counts from where the delivery began. */
export function assertBooks(delivery: Delivery, stored: number): void {
  const { exported, rejected, expired, unreadable, pending } = delivery.counts();
  const refused = Object.values(rejected).reduce((sum, count) => sum + count, 0);
  const books = { exported, rejected, expired, unreadable, pending };
  assert.equal(exported + refused + expired + unreadable + pending, stored, JSON.stringify(books));
}
