/** What every live test holds the program to. */
import assert from "node:assert/strict";
import { findUndeclared, readDeclaredNames } from "#receiver/telemetry/declared.ts";
import type { EventLine, RunningKerntel, StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const parts = ["filtered", "suppressed", "ring_lost", "missed", "undecodable", "refused", "stored"];

/** Waits until nothing is in flight, then asserts that everything seen is accounted for. Returns the books. */
export async function assertBooksClose(kerntel: RunningKerntel, event: string): Promise<EventLine> {
  let latest: EventLine | undefined;
  try {
    return await waitUntil(`the books of ${event} to close`, async () => {
      latest = (await kerntel.reports()).get(event);
      const settled = parts.reduce((total, part) => total + Number(latest?.[part]), 0);
      return latest !== undefined && Number(latest["seen"]) === settled ? latest : undefined;
    });
  } catch (cause) {
    throw new assert.AssertionError({
      message: `seen is not the sum of the rest: ${JSON.stringify(latest)}`,
      operator: String(cause),
    });
  }
}

/** No attribute, event or resource name leaves the process that telemetry.yaml does not declare. */
export function assertDeclared(lines: readonly StoredLine[]): void {
  assert.ok(lines.length > 0);
  const logRecords = lines.map(({ event, attributes, resource }) => ({
    eventName: event,
    attributes,
    resource,
  }));
  assert.deepEqual(findUndeclared(readDeclaredNames(), { logRecords }), []);
}
