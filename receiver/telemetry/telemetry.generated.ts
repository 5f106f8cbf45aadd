// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "../tracing/contract.ts";

/** Attributes of every log record, beside those of its event. */
export interface KerntelRecordAttributes {
  /** ULID of the log record; equal ids are one record. */
  readonly "log.record.uid": string;
  /** How the resource of the log record was found. */
  readonly "kerntel.attribution": "resolved" | "path" | "unknown";
}

/** What a log record is about. */
export interface KerntelResourceAttributes {
  /** Host name of the machine. */
  readonly "host.name"?: string;
  /** Machine id. */
  readonly "host.id"?: string;
  /** Architecture of the machine's CPU. */
  readonly "host.arch"?: string;
  /** linux. */
  readonly "os.type"?: string;
  /** Name of the operating system's distribution. */
  readonly "os.name"?: string;
  /** Version of the operating system's distribution. */
  readonly "os.version"?: string;
  /** Operating system, as it describes itself. */
  readonly "os.description"?: string;
  /** Id of the container, as its runtime gave it. */
  readonly "container.id"?: string;
}

/** Resource of the program's own metrics, beside the attributes of the host. */
export interface KerntelProgramAttributes {
  /** Name of the service. */
  readonly "service.name": string;
  /** Version of the service. */
  readonly "service.version": string;
}

/** Records of an event by what became of them. */
export const kerntelEventRecords: MetricDefinition<{
  /** Name of the event, as its folder and its configuration key. */
  readonly event: string;
  /** What became of what an event saw. */
  readonly outcome:
    | "seen"
    | "filtered"
    | "aggregated"
    | "suppressed"
    | "ring_lost"
    | "missed"
    | "undecodable"
    | "refused"
    | "stored";
}> = {
  name: "kerntel.event.records",
  unit: "{record}",
  description: "Records of an event by what became of them.",
  instrument: "counter",
};

/** 1 for the state an event is in. */
export const kerntelEventState: MetricDefinition<{
  /** Name of the event, as its folder and its configuration key. */
  readonly event: string;
  /** What an event is doing. */
  readonly state: "starting" | "running" | "restarting" | "unsupported" | "disabled" | "failed";
}> = {
  name: "kerntel.event.state",
  unit: "{event}",
  description: "1 for the state an event is in.",
  instrument: "updowncounter",
};

/** Log records by destination and by what became of them. */
export const kerntelDestinationRecords: MetricDefinition<{
  /** Name of a destination that follows the local log. */
  readonly destination: string;
  /** What became of a log record on its way to a destination. */
  readonly result: "exported" | "rejected" | "expired" | "unreadable";
  /** Why a destination refused a log record. */
  readonly rejection?: string;
}> = {
  name: "kerntel.destination.records",
  unit: "{record}",
  description: "Log records by destination and by what became of them.",
  instrument: "counter",
};

/** Log records in the local log that a destination did not get yet. */
export const kerntelDestinationQueueSize: MetricDefinition<{
  /** Name of a destination that follows the local log. */
  readonly destination: string;
}> = {
  name: "kerntel.destination.queue.size",
  unit: "{record}",
  description: "Log records in the local log that a destination did not get yet.",
  instrument: "updowncounter",
};
