/**
 * What the next run has to know of this one: that it lived until then, how it ended, and which losses no stored record says
 * yet. One small file in the state directory, replaced in one step. It is not forced to the disk: a power cut may bring back
 * an older one, which only makes the reported time longer than it was.
 */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readErrorCode } from "#exporters/coded-error.ts";
import { lossReasons, tableNames } from "../tracing/losses.ts";
import type { Downtime, LossKey } from "../tracing/losses.ts";
import type { ClockReading, NotedInstant } from "./instant.ts";

const VERSION = 1;

export interface NotedLoss extends LossKey {
  readonly count: number;
  readonly from: NotedInstant;
}

export interface NotedDowntime extends Pick<Downtime, "reason" | "isCleanStop" | "previousBootId"> {
  readonly from: NotedInstant;
  readonly until: NotedInstant;
}

export interface RunMark extends ClockReading {
  readonly version: typeof VERSION;
  /** The run ended by itself, and this is when it stopped watching. */
  readonly isStopped: boolean;
  /** Records with a greater uid were stored after this was written; `""`: all were. */
  readonly storedUid: string;
  readonly losses: readonly NotedLoss[];
  readonly downtimes: readonly NotedDowntime[];
}

const fileOf = (stateDirectory: string): string => join(stateDirectory, "run.json");

/** `undefined` at the first start. Throws a sentence where there is something that no version of this writes. */
export function readRunMark(stateDirectory: string): RunMark | undefined {
  const file = fileOf(stateDirectory);
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (readErrorCode(error) === "ENOENT") return undefined;
    throw error;
  }
  try {
    const mark = JSON.parse(text) as unknown;
    if (isRunMark(mark)) return mark;
  } catch {
    // Said below.
  }
  throw new Error(`${file} is damaged: how long nothing was watched before this start is unknown`);
}

/** Rejects with the file system's error; the mark before is then still there. */
export async function writeRunMark(stateDirectory: string, mark: Omit<RunMark, "version">): Promise<void> {
  const file = fileOf(stateDirectory);
  await writeFile(`${file}.new`, `${JSON.stringify({ version: VERSION, ...mark })}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

type Fields = Readonly<Record<string, unknown>>;

function isRunMark(value: unknown): value is RunMark {
  if (!isObject(value) || !isReading(value)) return false;
  const { version, isStopped, storedUid, losses, downtimes } = value;
  const isWhole = version === VERSION && typeof isStopped === "boolean" && typeof storedUid === "string";
  if (!isWhole || !Array.isArray(losses) || !Array.isArray(downtimes)) return false;
  return losses.every(isNotedLoss) && downtimes.every(isNotedDowntime);
}

function isNotedLoss(value: unknown): boolean {
  if (!isObject(value) || !isInstant(value["from"])) return false;
  const isNamed = isTextOrAbsent(value["event"]) && isTextOrAbsent(value["destination"]);
  const isTable = value["table"] === undefined || tableNames.some((name) => name === value["table"]);
  return (
    isNamed && isTable && isNumber(value["count"]) && lossReasons.some((reason) => reason === value["reason"])
  );
}

function isNotedDowntime(value: unknown): boolean {
  if (!isObject(value) || !isInstant(value["from"]) || !isInstant(value["until"])) return false;
  const isKnown = ["restart", "crash", "reboot"].some((reason) => reason === value["reason"]);
  return isKnown && typeof value["isCleanStop"] === "boolean" && isTextOrAbsent(value["previousBootId"]);
}

function isReading(value: Fields): boolean {
  return typeof value["bootId"] === "string" && isInstant(value);
}

function isInstant(value: unknown): boolean {
  return isObject(value) && isNumber(value["bootNs"]) && isNumber(value["wallMs"]);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === "string";
}
