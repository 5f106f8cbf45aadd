/**
 * Attributes of OpenTelemetry's semantic conventions that may be referred to. The JavaScript package offers names
 * only, so their types and a few words stand here; a name is added when it is first used.
 */
import type { PrimitiveType } from "./definition.ts";
import { specifiedNames } from "./standard-names.ts";

/** Name, type, and what it means here. */
const lines = `
client.address string Address of the client side.
client.port int Port of the client side.
code.file.path string Source file.
code.function.name string Function, here of the kernel.
code.line.number int Line of the source file.
code.stacktrace string Stack, innermost function first, one line each.
container.id string Id of the container, as its runtime gave it.
container.image.id string Id of the container's image.
container.image.name string Name of the container's image.
container.image.tags string[] Tags of the container's image.
container.label template[string] Labels of the container that the configuration names.
container.name string Name of the container, as its runtime gave it.
container.runtime.name string Runtime that manages the container.
cpu.logical_number int Number of the CPU, from 0.
destination.address string Address that the packet was sent to.
destination.port int Port that the packet was sent to.
disk.io.direction string read or write.
error.type string Class of the failure.
host.arch string Architecture of the machine's CPU.
host.id string Machine id.
host.ip string[] Addresses of the machine.
host.mac string[] Hardware addresses of the machine.
host.name string Host name of the machine.
hw.driver_version string Version of the device's driver.
hw.firmware_version string Version of the device's firmware.
hw.id string Identifies the part within the machine.
hw.memory.type string Kind of the memory module.
hw.model string Model of the part.
hw.name string Name of the part.
hw.network.physical_address string Hardware address of the network adapter.
hw.parent string Part that this one belongs to.
hw.serial_number string Serial number of the part.
hw.state string State of the part.
hw.type string Kind of the part.
hw.vendor string Maker of the part.
k8s.cluster.name string Kubernetes cluster.
k8s.container.name string Name of the container in its pod.
k8s.container.restart_count int How often the container was started again.
k8s.cronjob.name string CronJob that owns the pod.
k8s.daemonset.name string DaemonSet that owns the pod.
k8s.deployment.name string Deployment that owns the pod.
k8s.job.name string Job that owns the pod.
k8s.namespace.name string Namespace of the pod.
k8s.node.name string Node that the pod runs on.
k8s.pod.label template[string] Labels of the pod that the configuration names.
k8s.pod.name string Name of the pod.
k8s.pod.uid string UID of the pod.
k8s.replicaset.name string ReplicaSet that owns the pod.
k8s.statefulset.name string StatefulSet that owns the pod.
log.iostream string Output stream of the process, stdout or stderr.
log.record.uid string Identifies the log record; equal ids are one record.
network.connection.state string State of the TCP connection.
network.interface.name string Name of the network interface, in its network namespace.
network.io.direction string transmit or receive.
network.local.address string Address on this side of the connection.
network.local.port int Port on this side of the connection.
network.peer.address string Address on the other side of the connection.
network.peer.port int Port on the other side of the connection.
network.protocol.name string Protocol above the transport.
network.transport string Transport protocol: tcp, udp, …
network.type string ipv4 or ipv6.
os.description string Operating system, as it describes itself.
os.name string Name of the operating system's distribution.
os.type string linux.
os.version string Version of the operating system's distribution.
otel.event.name string Name of the event, where a format has no other place for it.
otel.metric.overflow boolean True on the one series of what had no room for a series of its own.
process.command string First argument the process was started with.
process.command_args string[] All arguments the process was started with.
process.creation.time string When the process was started, RFC 3339; with the pid it names one process.
process.executable.name string Name of the file the process runs.
process.executable.path string Path of the file the process runs.
process.linux.cgroup string Control group of the process, as in /proc/PID/cgroup.
process.parent_pid int Process id of the parent, in the initial pid namespace.
process.pid int Process id (thread group id), in the initial pid namespace.
process.real_user.id int Real user id of the process.
process.state string State of the process.
process.user.id int Effective user id of the process.
server.address string Address of the server side.
server.port int Port of the server side.
service.instance.id string One running instance of the service.
service.name string Name of the service.
service.namespace string Namespace of the service's name.
service.version string Version of the service.
source.address string Address that the packet came from.
source.port int Port that the packet came from.
system.device string Name of the device.
system.paging.fault.type string major or minor.
telemetry.distro.name string Name of the distribution of the SDK.
telemetry.distro.version string Version of the distribution of the SDK.
telemetry.sdk.language string Language of the SDK.
telemetry.sdk.name string Name of the SDK.
telemetry.sdk.version string Version of the SDK.
thread.id int Kernel thread id, in the initial pid namespace.
thread.name string The kernel's name of the thread (comm).
`;

export interface StandardAttribute {
  readonly type: PrimitiveType;
  readonly brief: string;
  /** Where OpenTelemetry explains it. */
  readonly link: string;
}

export const standardAttributes: ReadonlyMap<string, StandardAttribute> = new Map(
  lines
    .trim()
    .split("\n")
    .map((line) => {
      const [name = "", type, ...words] = line.split(" ");
      const registered = `https://opentelemetry.io/docs/specs/semconv/registry/attributes/${name.split(".")[0]}/`;
      const link = specifiedNames.get(name) ?? registered;
      return [name, { type: type as PrimitiveType, brief: words.join(" "), link }] as const;
    }),
);

/** Values without a bound: as label of a metric each would leave a series behind for good. */
const unbounded =
  /(^|[.])(process|thread)[.]|^log[.]record[.]|^code[.]stacktrace$|^(client|server|source|destination)[.]|^network[.](local|peer)[.]|^kerntel[.]([a-z_]+[.])?(memory_)?cgroup[.](id|path|limit|usage)$|^kerntel[.](boot|duration|network[.]namespace|packet|tcp)\b/;

export function isUnbounded(name: string): boolean {
  return unbounded.test(name);
}
