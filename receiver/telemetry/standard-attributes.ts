/**
 * Attributes of OpenTelemetry's semantic conventions that may be referred to, with their types: the JavaScript
 * package offers names only. A name is added here when it is first used.
 */
import type { PrimitiveType } from "./definition.ts";

const names: Readonly<Record<PrimitiveType, string>> = {
  string: `
    client.address server.address source.address destination.address
    code.function.name code.file.path code.stacktrace
    container.id container.name container.image.name container.image.id container.runtime.name
    disk.io.direction error.type
    host.arch host.id host.name
    hw.driver_version hw.firmware_version hw.id hw.memory.type hw.model hw.name hw.network.physical_address
    hw.parent hw.serial_number hw.state hw.type hw.vendor
    k8s.cluster.name k8s.container.name k8s.cronjob.name k8s.daemonset.name k8s.deployment.name k8s.job.name
    k8s.namespace.name k8s.node.name k8s.pod.name k8s.pod.uid k8s.replicaset.name k8s.statefulset.name
    log.record.uid
    network.connection.state network.interface.name network.io.direction network.local.address
    network.peer.address network.protocol.name network.transport network.type
    os.description os.name os.type os.version otel.event.name
    process.command process.creation.time process.executable.name process.executable.path
    process.linux.cgroup process.state
    service.instance.id service.name service.namespace service.version
    system.device system.paging.fault.type
    telemetry.distro.name telemetry.distro.version telemetry.sdk.language telemetry.sdk.name telemetry.sdk.version
    thread.name`,
  int: `
    client.port server.port source.port destination.port
    code.line.number cpu.logical_number k8s.container.restart_count
    network.local.port network.peer.port process.parent_pid process.pid process.real_user.id process.user.id
    thread.id`,
  double: "",
  boolean: "",
  "string[]": "container.image.tags host.ip host.mac process.command_args",
  "int[]": "",
  "double[]": "",
  "boolean[]": "",
};

export const standardTypes: ReadonlyMap<string, PrimitiveType> = new Map(
  Object.entries(names).flatMap(([type, list]) =>
    list.split(/\s+/).flatMap((name) => (name === "" ? [] : [[name, type as PrimitiveType] as const])),
  ),
);

/** Values without a bound: as label of a metric each would leave a series behind for good. */
const unbounded =
  /^(process|thread)[.]|^log[.]record[.]|^code[.]stacktrace$|^(client|server|source|destination)[.]|^network[.](local|peer)[.]/;

export function isUnbounded(name: string): boolean {
  return unbounded.test(name);
}

/** Where a standard attribute is explained. */
export function standardLink(name: string): string {
  const root = name.split(".")[0] ?? name;
  return `https://opentelemetry.io/docs/specs/semconv/registry/attributes/${root}/`;
}
