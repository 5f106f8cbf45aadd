// Generated from telemetry.yaml: change the names there, then run "npm run generate".
import type { MetricDefinition } from "../tracing/contract.ts";

/** Attributes of every log record, beside those of its event. */
export interface KerntelRecordAttributes {
  /** ULID of the log record; equal ids are one record. */
  readonly "log.record.uid": string;
  /** How the resource of the log record was found. */
  readonly "kerntel.attribution": "resolved" | "path" | "unknown";
  /** Random UUID of the run of the kernel that the log record is from; each boot has another one. */
  readonly "kerntel.boot.id"?: string;
  /** When it happened, in seconds since boot. */
  readonly "kerntel.boot.time": number;
  /** The innermost container within the container of the resource, as with Docker in Docker or kind. */
  readonly "kerntel.container.nested.id"?: string;
  /** Present and true where a path of a cgroup in this log record is cut. */
  readonly "kerntel.cgroup.path_truncated"?: boolean;
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
  /** Name of the container, as its runtime gave it. */
  readonly "container.name"?: string;
  /** Runtime that manages the container. */
  readonly "container.runtime.name"?: string;
  /** Name of the container's image. */
  readonly "container.image.name"?: string;
  /** Tags of the container's image. */
  readonly "container.image.tags"?: readonly string[];
  /** Labels of the container that the configuration names. */
  readonly [key: `container.label.${string}`]: string;
  /** User that runs the container, where that is not root. */
  readonly "kerntel.container.owner.uid"?: number;
  /** User in whose slice or directory the cgroup is, where that is not root and there is no container. */
  readonly "kerntel.cgroup.owner.uid"?: number;
  /** UID of the pod. */
  readonly "k8s.pod.uid"?: string;
  /** Name of the pod. */
  readonly "k8s.pod.name"?: string;
  /** Namespace of the pod. */
  readonly "k8s.namespace.name"?: string;
  /** Name of the container in its pod. */
  readonly "k8s.container.name"?: string;
  /** How often the container was started again. */
  readonly "k8s.container.restart_count"?: number;
  /** Node that the pod runs on. */
  readonly "k8s.node.name"?: string;
  /** Labels of the pod that the configuration names. */
  readonly [key: `k8s.pod.label.${string}`]: string;
  /** Quality of service class of the pod, from the cgroup's path. */
  readonly "kerntel.pod.qos_class"?: "guaranteed" | "burstable" | "besteffort";
  /** Unit of systemd that the process belongs to, where it is in no container. */
  readonly "kerntel.systemd.unit"?: string;
  /** Where the identity of the service comes from. */
  readonly "kerntel.service.source"?: "process" | "kubernetes" | "compose" | "systemd";
}

/** Resource of the program's own metrics, beside the attributes of the host. */
export interface KerntelProgramAttributes {
  /** Name of the service. */
  readonly "service.name": string;
  /** Version of the service. */
  readonly "service.version": string;
}

/** Errors that no code of the receiver expected, by the part that they happened in, which is restarted. */
export const kerntelUncaughtErrors: MetricDefinition<{
  /** Part of the receiver that failed. */
  readonly "kerntel.part.kind":
    | "event"
    | "delivery"
    | "containers"
    | "control"
    | "emission"
    | "metrics"
    | "console"
    | "local_log"
    | "other";
  /** Name of the event or the destination that failed. */
  readonly "kerntel.part.name"?: string;
}> = {
  name: "kerntel.uncaught.errors",
  unit: "{error}",
  description:
    "Errors that no code of the receiver expected, by the part that they happened in, which is restarted.",
  instrument: "counter",
};

/** Queries about an interface that its driver answered with an error. */
export const kerntelDriverErrors: MetricDefinition<{
  /** Name of the event, as its folder and its configuration key. */
  readonly "kerntel.event.name": string;
  /** Name of the error number. */
  readonly "error.type": string;
}> = {
  name: "kerntel.driver.errors",
  unit: "{error}",
  description: "Queries about an interface that its driver answered with an error.",
  instrument: "counter",
};

/** Records of an event by what became of them. */
export const kerntelEventRecords: MetricDefinition<{
  /** Name of the event, as its folder and its configuration key. */
  readonly "kerntel.event.name": string;
  /** What became of what an event saw. */
  readonly "kerntel.event.outcome":
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
  readonly "kerntel.event.name": string;
  /** What an event is doing. */
  readonly "kerntel.event.state":
    "starting" | "running" | "restarting" | "unsupported" | "disabled" | "failed";
}> = {
  name: "kerntel.event.state",
  unit: "{event}",
  description: "1 for the state an event is in.",
  instrument: "updowncounter",
};

/** Log records by destination and by what became of them. */
export const kerntelDestinationRecords: MetricDefinition<{
  /** Name of a destination that follows the local log. */
  readonly "kerntel.destination.name": string;
  /** What became of a log record on its way to a destination. */
  readonly "kerntel.destination.result": "exported" | "rejected" | "expired" | "unreadable";
  /** Why a destination refused a log record. */
  readonly "kerntel.destination.rejection"?: string;
}> = {
  name: "kerntel.destination.records",
  unit: "{record}",
  description: "Log records by destination and by what became of them.",
  instrument: "counter",
};

/** Log records in the local log that a destination did not get yet. */
export const kerntelDestinationQueueSize: MetricDefinition<{
  /** Name of a destination that follows the local log. */
  readonly "kerntel.destination.name": string;
}> = {
  name: "kerntel.destination.queue.size",
  unit: "{record}",
  description: "Log records in the local log that a destination did not get yet.",
  instrument: "updowncounter",
};

/** 1 for the condition a destination is in. */
export const kerntelDestinationState: MetricDefinition<{
  /** Name of a destination that follows the local log. */
  readonly "kerntel.destination.name": string;
  /** Whether a destination takes log records. */
  readonly "kerntel.destination.condition": "delivering" | "retrying" | "blocked";
  /** Why a destination takes no log records. */
  readonly "kerntel.destination.block.reason"?: string;
}> = {
  name: "kerntel.destination.state",
  unit: "{destination}",
  description: "1 for the condition a destination is in.",
  instrument: "updowncounter",
};

/** Log records that retention destroyed after every destination had settled them. */
export const kerntelLocalLogRetiredRecords: MetricDefinition<{
  /** The limit of the local log that a segment was past. */
  readonly "kerntel.local_log.limit": "age" | "size";
}> = {
  name: "kerntel.local_log.retired.records",
  unit: "{record}",
  description: "Log records that retention destroyed after every destination had settled them.",
  instrument: "counter",
};

/** Connections to a server of the receiver that are open. */
export const kerntelServerConnections: MetricDefinition<{
  /** Server of the receiver that others connect to. */
  readonly "kerntel.server.name": "prometheus" | "control";
}> = {
  name: "kerntel.server.connections",
  unit: "{connection}",
  description: "Connections to a server of the receiver that are open.",
  instrument: "updowncounter",
};

/** Connections that a server of the receiver refused or cut. */
export const kerntelServerClosedConnections: MetricDefinition<{
  /** Server of the receiver that others connect to. */
  readonly "kerntel.server.name": "prometheus" | "control";
  /** Why a server ended a connection that its client had not ended. */
  readonly "kerntel.server.close.reason":
    "too_many" | "too_few_descriptors" | "displaced" | "request_timeout" | "write_timeout" | "pipelined";
}> = {
  name: "kerntel.server.closed_connections",
  unit: "{connection}",
  description: "Connections that a server of the receiver refused or cut.",
  instrument: "counter",
};

/** Lines for an output stream that were dropped because nothing read it in time or it could not be written. */
export const kerntelConsoleDropped: MetricDefinition<{
  /** Output stream of the process, stdout or stderr. */
  readonly "log.iostream": string;
}> = {
  name: "kerntel.console.dropped",
  unit: "{line}",
  description:
    "Lines for an output stream that were dropped because nothing read it in time or it could not be written.",
  instrument: "counter",
};

/** Records about a container that its share of an event's limit did not allow. */
export const kerntelContainerSuppressed: MetricDefinition<{
  /** Id of the container, as its runtime gave it. */
  readonly "container.id": string;
  /** Name of the event, as its folder and its configuration key. */
  readonly "kerntel.event.name": string;
}> = {
  name: "kerntel.container.suppressed",
  unit: "{record}",
  description: "Records about a container that its share of an event's limit did not allow.",
  instrument: "counter",
};

/** Cgroups and network namespaces of which BPF programs know the tenant. */
export const kerntelTenantKnown: MetricDefinition<{
  /** Which of the tables that BPF programs find a tenant in. */
  readonly "kerntel.tenant.table": "cgroup" | "network_namespace";
}> = {
  name: "kerntel.tenant.known",
  unit: "{entry}",
  description: "Cgroups and network namespaces of which BPF programs know the tenant.",
  instrument: "updowncounter",
};

/** Cgroups and network namespaces that a full table of tenants had no room for; the tenant above them is charged. */
export const kerntelTenantRejections: MetricDefinition<{
  /** Which of the tables that BPF programs find a tenant in. */
  readonly "kerntel.tenant.table": "cgroup" | "network_namespace";
}> = {
  name: "kerntel.tenant.rejections",
  unit: "{entry}",
  description:
    "Cgroups and network namespaces that a full table of tenants had no room for; the tenant above them is charged.",
  instrument: "counter",
};

/** Cgroups of which the path is known. */
export const kerntelCgroupKnown: MetricDefinition<{
  /** Whether a cgroup is there. */
  readonly "kerntel.cgroup.state": "live" | "gone";
}> = {
  name: "kerntel.cgroup.known",
  unit: "{cgroup}",
  description: "Cgroups of which the path is known.",
  instrument: "updowncounter",
};

/** Entries of a table that were forgotten for want of room, those of users before those of root. */
export const kerntelTableEvictions: MetricDefinition<{
  /** Table of the receiver or of one of its BPF programs. */
  readonly "kerntel.table.name": "cgroups" | "network_namespaces" | "tenant_cgroups" | "tenant_namespaces";
}> = {
  name: "kerntel.table.evictions",
  unit: "{entry}",
  description:
    "Entries of a table that were forgotten for want of room, those of users before those of root.",
  instrument: "counter",
};

/** Cgroups looked up for records. */
export const kerntelCgroupLookups: MetricDefinition<{
  /** How the cgroup of a record was found. */
  readonly "kerntel.cgroup.lookup.result": "id" | "path" | "none";
}> = {
  name: "kerntel.cgroup.lookups",
  unit: "{lookup}",
  description: "Cgroups looked up for records.",
  instrument: "counter",
};

/** Cgroups made or removed, and processes started in a network namespace, that the ring had no room for. */
export const kerntelCgroupLostChanges: MetricDefinition<Record<string, never>> = {
  name: "kerntel.cgroup.lost_changes",
  unit: "{change}",
  description:
    "Cgroups made or removed, and processes started in a network namespace, that the ring had no room for.",
  instrument: "counter",
};

/** Cgroups made or removed, and network namespaces made, beyond what one user may have reported. */
export const kerntelCgroupSuppressedChanges: MetricDefinition<Record<string, never>> = {
  name: "kerntel.cgroup.suppressed_changes",
  unit: "{change}",
  description:
    "Cgroups made or removed, and network namespaces made, beyond what one user may have reported.",
  instrument: "counter",
};

/** Walks through the cgroup hierarchies, at the start and after changes were lost, once a minute at most. */
export const kerntelCgroupWalks: MetricDefinition<Record<string, never>> = {
  name: "kerntel.cgroup.walks",
  unit: "{walk}",
  description:
    "Walks through the cgroup hierarchies, at the start and after changes were lost, once a minute at most.",
  instrument: "counter",
};

/** Walks that ended before all cgroups were read, because there are more than are remembered. */
export const kerntelCgroupCutWalks: MetricDefinition<Record<string, never>> = {
  name: "kerntel.cgroup.cut_walks",
  unit: "{walk}",
  description: "Walks that ended before all cgroups were read, because there are more than are remembered.",
  instrument: "counter",
};

/** Network namespaces whose container or unit is known. */
export const kerntelNetworkNamespaceKnown: MetricDefinition<Record<string, never>> = {
  name: "kerntel.network.namespace.known",
  unit: "{namespace}",
  description: "Network namespaces whose container or unit is known.",
  instrument: "updowncounter",
};

/** Metadata lookups sent to container runtimes and the kubelet, by source and result. */
export const kerntelContainerLookups: MetricDefinition<{
  /** Source of the container's metadata that was queried, by its key in the configuration. */
  readonly "kerntel.container.source": string;
  /** What became of a metadata lookup. */
  readonly "kerntel.container.lookup.result": "answered" | "failed";
}> = {
  name: "kerntel.container.lookups",
  unit: "{lookup}",
  description: "Metadata lookups sent to container runtimes and the kubelet, by source and result.",
  instrument: "counter",
};

/** Lookups of container metadata that were not sent. */
export const kerntelContainerSkippedLookups: MetricDefinition<{
  /** Why a lookup of container metadata was not sent. */
  readonly "kerntel.container.lookup.skip.reason": "gone" | "rate" | "queue";
}> = {
  name: "kerntel.container.skipped_lookups",
  unit: "{lookup}",
  description: "Lookups of container metadata that were not sent.",
  instrument: "counter",
};

/** Answers about a container that the kernel has in another cgroup than the answer says; they are not believed. */
export const kerntelContainerDisagreements: MetricDefinition<{
  /** Source of the container's metadata that was queried, by its key in the configuration. */
  readonly "kerntel.container.source": string;
}> = {
  name: "kerntel.container.disagreements",
  unit: "{answer}",
  description:
    "Answers about a container that the kernel has in another cgroup than the answer says; they are not believed.",
  instrument: "counter",
};

/** Containers that can have series of their own at the same time. */
export const kerntelContainerSeriesLimit: MetricDefinition<Record<string, never>> = {
  name: "kerntel.container.series.limit",
  unit: "{container}",
  description: "Containers that can have series of their own at the same time.",
  instrument: "updowncounter",
};

/** Containers that have series of their own, also for some minutes after they have ended. */
export const kerntelContainerSeriesUsage: MetricDefinition<Record<string, never>> = {
  name: "kerntel.container.series.usage",
  unit: "{container}",
  description: "Containers that have series of their own, also for some minutes after they have ended.",
  instrument: "updowncounter",
};

/** Attributes and bodies of log records, and attributes of their resources, that a limit cut or dropped. */
export const kerntelRecordLimitedValues: MetricDefinition<{
  /** The limit that took something from a log record, by its key in the configuration. */
  readonly "kerntel.limit.name": "attribute_value_length_limit" | "attribute_count_limit";
}> = {
  name: "kerntel.record.limited_values",
  unit: "{value}",
  description:
    "Attributes and bodies of log records, and attributes of their resources, that a limit cut or dropped.",
  instrument: "counter",
};

/** Log records that waited for the name of their container. */
export const kerntelRecordWaits: MetricDefinition<{
  /** How the wait of a record for the name of its container ended. */
  readonly "kerntel.record.wait.result": "answered" | "expired" | "crowded";
}> = {
  name: "kerntel.record.waits",
  unit: "{record}",
  description: "Log records that waited for the name of their container.",
  instrument: "counter",
};
