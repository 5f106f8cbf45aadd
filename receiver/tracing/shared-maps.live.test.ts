/** Events with the tables of tenants, and without them. */
import assert from "node:assert/strict";
import { createTenantMaps } from "../containers/tenant-tables.ts";
import { dropwatchRecordLayout } from "#events/dropwatch/record.generated.ts";
import { liveTest } from "#test/live/live-test.ts";
import { waitUntil } from "#test/live/wait-until.ts";
import { dropDatagrams } from "#test/provoke/drop.ts";
import { Accounting } from "./accounting.ts";
import type { EventBpfContext } from "./attached-event.ts";
import type { LoadedEvent } from "./contract.ts";
import { loadEvent } from "./event-bpf.ts";
import { createKernelNames } from "./kernel-names.ts";
import { limitSettings } from "./limit.ts";
import { TenantSuppressions } from "./tenant-suppressions.ts";

const program = createKernelNames().hasTracepoint("kfree_skb", 4) ? "drop_with_receiver" : "drop_with_reason";
const CONTAINER = (3n << 56n) | 1n;
/** Longer than a program remembers whose doing something was. */
const REMEMBERED_MS = 1_100;

function load(tenants: EventBpfContext["tenants"], accounting: Accounting, signal: AbortSignal): LoadedEvent {
  const log = { info: (): void => {}, warn: (): void => {} };
  const context = {
    signal,
    accounting,
    log,
    earlierSums: new Map(),
    onBatch: () => {},
    ...(tenants && { tenants }),
  };
  const object = new URL("../../events/dropwatch/dropwatch.bpf.o", import.meta.url);
  return loadEvent({ object, programs: [program], settings: limitSettings(0) }, context);
}

/** The cookie of this process' network namespace, as a record of a drop in it has it. */
async function findCookie(): Promise<bigint> {
  const stop = new AbortController();
  using loaded = load(undefined, new Accounting(), stop.signal);
  const cookies = new Map<number, bigint>();
  const reading = loaded.read([
    [
      dropwatchRecordLayout,
      ({ destinationPort, netnsCookie }): void => {
        cookies.set(destinationPort, netnsCookie);
      },
    ],
  ]);
  const port = await dropDatagrams("udp4", 1);
  const cookie = await waitUntil("the drop's record", () => cookies.get(port));
  stop.abort();
  await reading;
  return cookie;
}

liveTest(
  "what the limit suppresses is counted for the container of the shared tables, after the event too",
  async () => {
    const cookie = await findCookie();
    const { object, maps } = createTenantMaps();
    using tables = object;
    void tables;
    maps.net_tenants.update(cookie, CONTAINER);
    const suppressions = new TenantSuppressions();
    const accounting = new Accounting();
    {
      using loaded = load({ maps, suppressions }, accounting, new AbortController().signal);
      loaded.configure({ ...limitSettings(1), window: 0n });
      await dropDatagrams("udp4", 20);
      await waitUntil("20 drops", () => (accounting.counts().seen >= 20 ? true : undefined));
      assert.ok((suppressions.counts().get(CONTAINER) ?? 0) >= 18, JSON.stringify(accounting.counts()));
    }
    const counted = suppressions.counts().get(CONTAINER) ?? 0;
    assert.ok(counted >= 18 && counted <= accounting.counts().suppressed);
    maps.net_tenants.delete(cookie);
  },
);

liveTest("without the tables an event limits and counts as with them, and knows no container", async () => {
  const suppressions = new TenantSuppressions();
  const accounting = new Accounting();
  using loaded = load({ maps: undefined, suppressions }, accounting, new AbortController().signal);
  assert.equal(loaded.map("tenants").capacity, 1);
  loaded.configure({ ...limitSettings(1), window: 0n });
  await dropDatagrams("udp4", 20);
  await waitUntil("20 drops", () => (accounting.counts().seen >= 20 ? true : undefined));
  assert.ok(accounting.counts().suppressed >= 18);
  assert.deepEqual([...suppressions.counts()], []);
});

liveTest("an entry that comes later holds within a second or so", async (context) => {
  const cookie = await findCookie();
  const { object, maps } = createTenantMaps();
  using tables = object;
  void tables;
  const suppressions = new TenantSuppressions();
  using loaded = load({ maps, suppressions }, new Accounting(), new AbortController().signal);
  loaded.configure({ ...limitSettings(1), window: 0n });
  await dropDatagrams("udp4", 5);
  maps.net_tenants.update(cookie, CONTAINER);
  const since = performance.now();
  await waitUntil("the container to be charged", async () => {
    await dropDatagrams("udp4", 5);
    return suppressions.counts().get(CONTAINER);
  });
  const tookMs = performance.now() - since;
  context.diagnostic(`charged after ${tookMs.toFixed(0)} ms`);
  assert.ok(tookMs < 10 * REMEMBERED_MS);
});
