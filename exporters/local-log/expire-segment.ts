/** Says what is lost with a segment: how many records, and how many of them each follower had not read. */
import type { Expiry } from "../contract.ts";
import type { Cursors } from "./cursors.ts";
import type { Segment } from "./segment.ts";

/**
 * Shuts readers out and counts. When it resolves, no follower has moved since its records were counted.
 * `before` is the first uid of the next segment.
 */
export async function expireSegment(segment: Segment, before: string, cursors: Cursors): Promise<Expiry> {
  await segment.retire();
  const records = await segment.countRecords().catch(() => 0);
  const counted = new Map<string, { readonly at: string; readonly count: number }>();
  // Followers go on while records are counted, so it is done again for those that moved meanwhile.
  for (;;) {
    const moved = cursors.names().filter((name) => counted.get(name)?.at !== cursors.load(name));
    if (moved.length === 0) break;
    for (const name of moved) {
      const at = cursors.load(name) ?? "";
      const count = at < segment.id ? records : await segment.countAfter(at).catch(() => 0);
      counted.set(name, { at, count });
    }
  }
  const unread = new Map([...counted].map(([name, { count }]) => [name, count]));
  return { records, from: segment.id, before, unread };
}
