/** The hook in the bonding driver: what nobody else tells, a change once, and a driver that comes, goes and comes again. */
import assert from "node:assert/strict";
import { createBondingLacp } from "./event.ts";
import type { EventBpfOptions } from "#receiver/tracing/contract.ts";
import { CannotProvokeError } from "#test/provoke/cannot-provoke.ts";
import { canBond, makeBondPair, unloadBonding } from "./provoke.ts";
import type { BondPair } from "./provoke.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { watchAlone } from "#test/live/lone-event.ts";
import type { LoneEvent, Told } from "#test/live/lone-event.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const hooked = "rtnetlink/link, kprobe/ad_rx_machine";

function valueOf({ attributes }: Told, name: string): unknown {
  return attributes[`kerntel.bonding_lacp.${name}`];
}

function tellsOf(watch: LoneEvent, port: string, change: string): Told[] {
  return watch.records.filter(
    (record) => record.attributes["network.interface.name"] === port && valueOf(record, "change") === change,
  );
}

/** The next record of the port behind the first `from` of all. */
function findTold(
  watch: LoneEvent,
  port: string,
  from: number,
  isWanted: (record: Told) => boolean,
): Promise<Told> {
  return waitUntil(
    () => `a record of ${port}; told: ${JSON.stringify(watch.records)}; ${watch.warnings.join("; ")}`,
    () =>
      watch.records
        .slice(from)
        .find((record) => record.attributes["network.interface.name"] === port && isWanted(record)),
  );
}

/** The driver is not loaded when the event starts, and nobody asks for what the kernel does not tell by itself. */
async function watchBeforeDriver(constants: EventBpfOptions["constants"] = {}): Promise<LoneEvent> {
  if (!isDisposable) throw new CannotProvokeError("the bonding driver is only unloaded in virtual machines");
  unloadBonding();
  const watch = await watchAlone(createBondingLacp(), {
    config: { poll_seconds: 3_600 },
    changeLoading: (options) => ({ ...options, constants: { ...options.constants, ...constants } }),
  });
  assert.equal(watch.hook(), "rtnetlink/link");
  return watch;
}

async function waitForService(
  watch: LoneEvent,
  { ports }: BondPair,
  { from = 0, source = "kprobe" } = {},
): Promise<void> {
  for (const port of ports) {
    const told = await findTold(watch, port, from, (record) => valueOf(record, "change") === "in_service");
    assert.equal(valueOf(told, "source"), source);
  }
}

async function cutAndMend(watch: LoneEvent, pair: BondPair, port: string): Promise<void> {
  const begin = watch.records.length;
  pair.cut(port);
  await findTold(watch, port, begin, (record) => valueOf(record, "change") === "out_of_service");
  const middle = watch.records.length;
  pair.mend(port);
  await findTold(watch, port, middle, (record) => valueOf(record, "change") === "in_service");
}

function assertClosed(watch: LoneEvent): void {
  const { seen, stored, ...others } = watch.books();
  const parts = Object.values(others).reduce((sum, count) => sum + count, stored);
  assert.equal(seen, parts + watch.records.length, JSON.stringify(watch.books()));
}

liveTest("a state that comes and goes between two looks is told, and a change once", async (context) => {
  const watch = await watchBeforeDriver();
  {
    await using running = watch;
    using pair = makeBondPair(`kh${process.pid % 10_000}`);
    const [first, second] = pair.ports;
    await waitForService(running, pair);
    assert.equal(running.hook(), hooked);
    noteKernel(context, "bonding_lacp", "hook", running.hook());

    const hasShortTimeout = (record: Told): boolean =>
      (valueOf(record, "partner.state") as readonly string[]).includes("short_timeout");
    const before = running.records.length;
    pair.changePartnerRate("slow");
    const slow = await findTold(running, first, before, (record) => !hasShortTimeout(record));
    pair.changePartnerRate("fast");
    const fast = await findTold(running, first, running.records.indexOf(slow), hasShortTimeout);
    assert.deepEqual(
      [slow, fast].map((record) => valueOf(record, "source")),
      ["kprobe", "kprobe"],
    );
    assert.ok(fast.time > slow.time);
    assert.match(String(valueOf(slow, "partner.address")), /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/);
    noteKernel(
      context,
      "bonding_lacp",
      "provoked",
      "a state of the partner that comes and goes between two looks",
    );

    const counted = (change: string): number => tellsOf(running, second, change).length;
    const earlier = { out: counted("out_of_service"), in: counted("in_service") };
    const begin = running.records.length;
    await cutAndMend(running, pair, second);
    assert.deepEqual(
      { out: counted("out_of_service") - earlier.out, in: counted("in_service") - earlier.in },
      { out: 1, in: 1 },
      JSON.stringify(running.records.slice(begin)),
    );
  }
  assertClosed(watch);
  assert.deepEqual(watch.warnings, []);
});

liveTest("what too many LACPDUs bring is told with the next regular run of the driver", async () => {
  // One is too many here.
  const watch = await watchBeforeDriver({ hasty_max: 0 });
  {
    await using running = watch;
    using pair = makeBondPair(`kq${process.pid % 10_000}`);
    await waitForService(running, pair);
    // A port whose link comes back hears its partner between two runs, as a rule.
    for (let cuts = 0; cuts < 10 && running.books().suppressed === 0; cuts++)
      await cutAndMend(running, pair, pair.ports[0]);
    assert.ok(running.books().suppressed > 0);
  }
  assertClosed(watch);
  assert.deepEqual(watch.warnings, []);
});

liveTest("a driver that is unloaded and loaded again is hooked again", async (context) => {
  const watch = await watchBeforeDriver();
  {
    await using running = watch;
    {
      using pair = makeBondPair(`kr${process.pid % 10_000}`);
      await waitForService(running, pair);
      unloadBonding();
      await waitUntil("the hook to be gone", () => running.hook() === "rtnetlink/link" || undefined);
      for (const port of pair.ports) assert.equal(tellsOf(running, port, "left").length, 1);
    }
    const from = running.records.length;
    using pair = makeBondPair(`ks${process.pid % 10_000}`);
    await waitForService(running, pair, { from });
    assert.equal(running.hook(), hooked);
    noteKernel(context, "bonding_lacp", "provoked", "a bond whose driver was unloaded and loaded again");
  }
  assertClosed(watch);
  assert.deepEqual(watch.warnings, []);
});

liveTest("where the driver cannot be hooked, rtnetlink tells, and that is said once", async () => {
  const watch = await watchAlone(createBondingLacp(), {
    config: { poll_seconds: 1 },
    changeLoading: (options) => ({ ...options, programs: ["no_such_program"] }),
  });
  {
    await using running = watch;
    if (!canBond()) throw new CannotProvokeError("this kernel has no bonding");
    using pair = makeBondPair(`kw${process.pid % 10_000}`);
    await waitForService(running, pair, { source: "rtnetlink" });
    assert.equal(running.hook(), "rtnetlink/link");
  }
  assertClosed(watch);
  assert.equal(watch.warnings.length, 1, watch.warnings.join("; "));
  assert.match(String(watch.warnings[0]), /^the bonding driver cannot be hooked: .+ no_such_program/);
});
