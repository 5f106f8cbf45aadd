/** A receiver that loses things and reports them is killed at a hundred random moments: no loss is reported twice, no downtime overlaps. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openLocalLog } from "#exporters/local-log/local-log.ts";

const CHILD = join(import.meta.dirname, "fixtures/lose-named.ts");
/** Each with a state directory of its own. */
const LANES = 4;
const KILLS_PER_LANE = 25;

async function loseAndKill(directory: string, cache: string): Promise<void> {
  const child = spawn(process.execPath, [CHILD, directory], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  const ended = once(child, "close");
  // One of eight dies during its start.
  if (Math.random() < 0.875) await Promise.race([once(child.stdout, "data"), ended]);
  await sleep(Math.random() * 100);
  assert.equal(child.exitCode, null, "the child ended by itself");
  child.kill("SIGKILL");
  await ended;
}

interface Span {
  readonly reason: unknown;
  /** Nanoseconds since boot. */
  readonly from: number;
  readonly until: number;
}

async function killAgainAndAgain(
  directory: string,
  cache: string,
): Promise<{ losses: number; spans: Span[] }> {
  for (let kill = 0; kill < KILLS_PER_LANE; kill++) await loseAndKill(directory, cache);
  const log = await openLocalLog({ directory: join(directory, "log") });
  const losses = new Map<unknown, number>();
  const spans: Span[] = [];
  for await (const batch of log.read({ eventName: "kerntel.blind" })) {
    for (const { attributes } of batch) {
      const { "kerntel.event.name": event, "kerntel.blind.reason": reason } = attributes;
      const [from, until] = [
        Number(attributes["kerntel.blind.from"]),
        Number(attributes["kerntel.boot.time"]),
      ];
      assert.ok(until >= from, `${String(reason)} from ${from} until ${until}`);
      if (event === undefined) spans.push({ reason, from, until });
      else losses.set(event, (losses.get(event) ?? 0) + Number(attributes["kerntel.count"]));
    }
  }
  await log.close();
  const twice = [...losses].filter(([, count]) => count !== 1);
  assert.deepEqual(twice, [], "losses that were reported more than once");
  return { losses: losses.size, spans };
}

test("after a hundred kills each loss was reported once at most, and the downtimes follow each other", async (context) => {
  const directories = Array.from({ length: LANES }, () => mkdtempSync(join(tmpdir(), "kerntel-blind-")));
  context.after(() => {
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
  const cache = join(directories[0] ?? "", "cache");
  const lanes = await Promise.all(directories.map((directory) => killAgainAndAgain(directory, cache)));
  for (const { losses, spans } of lanes) {
    context.diagnostic(`${losses} losses reported, ${spans.length} downtimes`);
    assert.ok(losses > KILLS_PER_LANE);
    // One that is killed before it noted anything leaves the beginning of the downtime where it was.
    assert.ok(spans.length >= 5 && spans.length < KILLS_PER_LANE, `${spans.length} downtimes`);
    for (const [index, { reason, from }] of spans.entries()) {
      assert.equal(reason, "crash");
      assert.ok(
        from >= (spans[index - 1]?.until ?? 0),
        `a downtime from ${from}, before the one before ended`,
      );
    }
  }
});
