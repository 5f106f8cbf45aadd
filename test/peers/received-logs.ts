/** The log records in requests of OTLP/JSON, flat, with what they were grouped by. */
import type { OtlpRequest } from "./collector-process.ts";

export interface ReceivedLog {
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
  /** Of the resource and of the scope; empty where there is none. */
  readonly schemaUrls: readonly [string, string];
  readonly timeUnixNano: string;
  readonly observedTimeUnixNano: string;
  readonly severityNumber: number;
  readonly eventName: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly Value[] };
}

type Pairs = readonly { readonly key: string; readonly value: Value }[];

interface ResourceLogs {
  readonly resource: { readonly attributes?: Pairs };
  readonly schemaUrl?: string;
  readonly scopeLogs: readonly {
    readonly scope: { readonly name: string; readonly version?: string };
    readonly schemaUrl?: string;
    readonly logRecords: readonly (Omit<ReceivedLog, "body" | "attributes"> & {
      body: Value;
      attributes: Pairs;
    })[];
  }[];
}

export function readLogs(requests: readonly OtlpRequest[]): ReceivedLog[] {
  const groups = requests.flatMap(({ resourceLogs = [] }) => resourceLogs as readonly ResourceLogs[]);
  return groups.flatMap(({ resource, schemaUrl: resourceSchema = "", scopeLogs }) =>
    scopeLogs.flatMap(({ scope, schemaUrl: scopeSchema = "", logRecords }) =>
      logRecords.map((record) => ({
        resource: readPairs(resource.attributes ?? []),
        scope: `${scope.name} ${scope.version}`,
        schemaUrls: [resourceSchema, scopeSchema] as const,
        timeUnixNano: record.timeUnixNano,
        observedTimeUnixNano: record.observedTimeUnixNano,
        severityNumber: record.severityNumber,
        eventName: record.eventName,
        body: readValue(record.body),
        attributes: readPairs(record.attributes),
      })),
    ),
  );
}

function readPairs(pairs: Pairs): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, readValue(value)]));
}

function readValue({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown {
  if (arrayValue) return (arrayValue.values ?? []).map(readValue);
  return stringValue ?? (intValue === undefined ? (doubleValue ?? boolValue) : Number(intValue));
}
