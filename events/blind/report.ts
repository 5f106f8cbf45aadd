/** One loss, or one time without a receiver, in the words of OpenTelemetry and of people; and back, for the next run. */
import type { Downtime, Loss, TracerRecord, TracingContext } from "#receiver/tracing/contract.ts";
import { lossReasons } from "#receiver/tracing/losses.ts";
import type { LossKey, LossReason } from "#receiver/tracing/losses.ts";
import type { KerntelBlindAttributes } from "./telemetry.generated.ts";

const NS_PER_SECOND = 1_000_000_000;
const INFO = 9;
const WARN = 13;

type Words = Pick<TracingContext, "wallTime">;

export function describeLoss(loss: Loss, words: Words): TracerRecord<KerntelBlindAttributes> {
  const { reason, event, destination, table, count, seenSince, from, until } = loss;
  const attributes: KerntelBlindAttributes = {
    "kerntel.blind.reason": reason,
    "kerntel.blind.from": words.wallTime(from),
    "kerntel.duration": (until - from) / NS_PER_SECOND,
    "kerntel.count": count,
    ...(event === undefined ? {} : { "kerntel.event.name": event }),
    ...(destination === undefined ? {} : { "kerntel.destination.name": destination }),
    ...(table === undefined ? {} : { "kerntel.table.name": table }),
    ...(seenSince === undefined ? {} : { "kerntel.blind.seen": seenSince }),
  };
  const subject = loss.entity?.subject ?? { kind: "host" };
  const body = `${sentences[reason](count, loss)} in ${formatDuration(until - from)}`;
  return { time: until, subject, severity: WARN, attributes, body };
}

type Sentence = (count: number, loss: Pick<Loss, "event" | "destination" | "table">) => string;

const nameOf = ({ event, table }: LossKeyOf): string => event ?? `the table ${table ?? "of the receiver"}`;
type LossKeyOf = Parameters<Sentence>[1];

const sentences: Readonly<Record<LossReason, Sentence>> = {
  ring_lost: (count, loss) => `${nameOf(loss)}: the ring buffer was full for ${records(count)}`,
  missed: (count, loss) =>
    `${nameOf(loss)}: a BPF program was already running on its CPU, ${count} times, and saw nothing`,
  undecodable: (count, loss) => `${nameOf(loss)}: ${records(count)} could not be decoded`,
  refused: (count, loss) => `${nameOf(loss)}: the local log could not take ${records(count)}`,
  suppressed: (count, loss) => `${nameOf(loss)}: the rate limit suppressed ${count}`,
  evicted: (count, { table }) => `the table ${table ?? ""} forgot ${entries(count)} before their time`,
  table_full: (count, loss) => `${nameOf(loss)} had no room for ${entries(count)}`,
  expired: (count, { destination }) =>
    `${destination ?? ""} did not get ${records(count)} before the local log destroyed them`,
  unreadable: (count, { destination }) =>
    `${destination ?? ""} did not get ${records(count)} that are damaged in the local log`,
};

function records(count: number): string {
  return count === 1 ? "1 record" : `${count} records`;
}

function entries(count: number): string {
  return count === 1 ? "1 entry" : `${count} entries`;
}

export function describeDowntime(downtime: Downtime, words: Words): TracerRecord<KerntelBlindAttributes> {
  const { reason, isCleanStop, previousBootId, from, until } = downtime;
  const attributes: KerntelBlindAttributes = {
    "kerntel.blind.reason": reason,
    "kerntel.blind.from": words.wallTime(from),
    "kerntel.duration": (until - from) / NS_PER_SECOND,
    "kerntel.blind.clean_stop": isCleanStop,
    ...(previousBootId === undefined ? {} : { "kerntel.blind.previous_boot.id": previousBootId }),
  };
  const why = {
    restart: "the receiver had been stopped",
    crash: "the receiver had been killed or had failed",
    reboot: isCleanStop
      ? "the receiver had been stopped, and the machine was started again"
      : "the machine, or the receiver before it, had ended without an orderly stop",
  };
  return {
    time: until,
    subject: { kind: "host" },
    severity: isCleanStop ? INFO : WARN,
    attributes,
    body: `Nothing was watched for ${formatDuration(until - from)}: ${why[reason]}`,
  };
}

/** What a stored record with these attributes reported; `undefined` for one about a time without a receiver. */
export function readBlindReport(stored: object): (LossKey & { readonly count: number }) | undefined {
  const attributes = stored as Readonly<Record<string, unknown>>;
  const reason = lossReasons.find((known) => known === attributes["kerntel.blind.reason"]);
  if (reason === undefined) return undefined;
  const names = {
    event: attributes["kerntel.event.name"],
    destination: attributes["kerntel.destination.name"],
    table: attributes["kerntel.table.name"],
  };
  const known = Object.entries(names).filter(([, name]) => typeof name === "string");
  return { reason, ...Object.fromEntries(known), count: Number(attributes["kerntel.count"]) };
}

function formatDuration(ns: number): string {
  const seconds = ns / NS_PER_SECOND;
  return seconds < 120 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds / 60)} min`;
}
