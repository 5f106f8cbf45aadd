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
  return {
    ...numeric(parameters, "since", "sinceMs"),
    ...numeric(parameters, "limit", "limit"),
    ...(eventName === null ? {} : { eventName }),
    ...(containerId === null ? {} : { containerId }),
  };
}

function numeric(parameters: URLSearchParams, name: string, option: "sinceMs" | "limit"): ReadOptions {
  const text = parameters.get(name);
  if (text === null) return {};
  const value = Number(text);
  if (text === "" || !Number.isFinite(value))
    throw new RangeError(`"${name}" must be a number, not "${text}"`);
  return { [option]: value };
}
