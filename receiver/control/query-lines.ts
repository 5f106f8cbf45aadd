/** Records of the local log as lines, for the running program's answer and for reading the files alike. */
import { formatRecordAsJson } from "#exporters/console/record-json.ts";
import { formatRecordAsLine } from "#exporters/console/record-line.ts";
import type { FollowedLog, ReadOptions } from "#exporters/contract.ts";

/** `parameters`: `format` (json or text), `event` (OTel event name), `container`, `since` (ms), `limit`. */
export async function* queryLines(
  log: Pick<FollowedLog, "read">,
  parameters: URLSearchParams,
): AsyncGenerator<string> {
  const format = parameters.get("format") === "text" ? formatRecordAsLine : formatRecordAsJson;
  for await (const records of log.read(readOptions(parameters))) {
    for (const record of records) yield format(record);
  }
}

function readOptions(parameters: URLSearchParams): ReadOptions {
  const eventName = parameters.get("event");
  const containerId = parameters.get("container");
  const since = readInteger(parameters, "since", -Infinity, NEWEST_TIME_MS);
  const limit = readInteger(parameters, "limit", 1, Infinity);
  return {
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(limit === undefined ? {} : { limit }),
    ...(eventName === null ? {} : { eventName }),
    ...(containerId === null ? {} : { containerId }),
  };
}

/** The last time that the uid of a record can hold; it has 48 bits of milliseconds. */
const NEWEST_TIME_MS = 2 ** 48 - 1;

function readInteger(
  parameters: URLSearchParams,
  name: string,
  least: number,
  most: number,
): number | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (/^-?\d+$/.test(text) && value >= least && value <= most) return value;
  const range = least > -Infinity ? `of at least ${least}` : `of at most ${most}`;
  throw new RangeError(`"${name}" must be a whole number ${range}, not "${text}"`);
}
