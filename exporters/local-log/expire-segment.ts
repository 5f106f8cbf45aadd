/** Destroys what is past a limit, and says what is lost with it: records, and how many of them each follower had not read. */
import type { Expiry } from "../contract.ts";
import type { Cursors } from "./cursors.ts";
import type { Limit } from "./retention.ts";
import type { Segment } from "./segment.ts";
import type { Segments } from "./segments.ts";

/** Oldest first. `report` is called in the turn in which the cursors were compared, before the segment is destroyed. */
export async function destroyExpired(
  segments: Segments,
  cursors: Cursors,
  report: (expiry: Expiry, limit: Limit) => void,
): Promise<void> {
  const expired = await segments.takeExpired();
  for (const [index, { segment, limit }] of expired.entries()) {
    const next = expired[index + 1]?.segment ?? segments.list()[0];
    report(await expireSegment(segment, next?.id ?? "", cursors), limit);
    cursors.forgetSegment(segment.id);
    await segment.destroy();
  }
}

/**
 * Shuts readers out and counts. When it resolves, no follower has moved since its records were counted.
 * `before` is the first uid of the next segment.
 */
async function expireSegment(segment: Segment, before: string, cursors: Cursors): Promise<Expiry> {
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

/** Destroyed records that none of these followers had still to read. */
export function countRetired({ records, unread }: Expiry, followers: readonly string[]): number {
  return Math.max(0, records - Math.max(0, ...followers.map((name) => unread.get(name) ?? 0)));
}
