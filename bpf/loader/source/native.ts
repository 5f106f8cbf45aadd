/**
 * The compiled half, loaded on first use: types, kernel BTF and symbols work without it. Handles are opaque;
 * every function throws a `NativeError`, which the face turns into a `BpfError`, and a TypeError for arguments of
 * another kind than its own.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { BpfError } from "./error.ts";

declare const kind: unique symbol;
export type ObjectHandle = { readonly [kind]: "object" };
export type LinkHandle = { readonly [kind]: "link" };
export type RingHandle = { readonly [kind]: "ring" };
export type NetlinkHandle = { readonly [kind]: "netlink" };
export type KernelLogHandle = { readonly [kind]: "kernel log" };
export type ClockWatchHandle = { readonly [kind]: "clock watch" };
type TimestampsHandle = { readonly [kind]: "timestamps" };
type StatisticsHandle = { readonly [kind]: "statistics" };

export interface NativeError extends Error {
  /** Positive; libbpf's own numbers begin at 4000. */
  readonly errno: number;
  readonly call: string;
  readonly reason: string;
  /** What libbpf said. */
  readonly log: string;
}

export interface NativeMap {
  readonly name: string;
  /** Made by libbpf for a data section. */
  readonly isInternal: boolean;
  readonly type: string;
  readonly keySizeBytes: number;
  readonly valueSizeBytes: number;
  readonly capacity: number;
  readonly keyTypeId: number;
  readonly valueTypeId: number;
}

/** A map where it is. */
export interface LoadedMap extends NativeMap {
  readonly object: ObjectHandle;
}

export interface NativeObject {
  readonly programs: readonly { readonly name: string; readonly section: string; readonly type: string }[];
  readonly maps: readonly NativeMap[];
  readonly btf: Uint8Array | null;
}

interface NativeStatistics {
  readonly id: number;
  readonly runCount: bigint;
  readonly runTimeNs: bigint;
  readonly recursionMisses: bigint;
  readonly verifiedInstructions: number;
}

/** Mirrors the functions of `native/*.cc`, whose comments say what each argument means. */
export interface Native {
  object_open(
    image: Uint8Array,
    name: string,
    kernelTypesPath: string | null,
    kernelTypes: Uint8Array | null,
  ): ObjectHandle;
  object_describe(object: ObjectHandle): NativeObject;
  object_set_autoload(object: ObjectHandle, program: string, isLoaded: boolean): void;
  object_set_max_entries(object: ObjectHandle, map: string, entries: number): void;
  object_set_initial(object: ObjectHandle, map: string, offset: number, bytes: Uint8Array): void;
  object_share_map(object: ObjectHandle, map: string, owner: ObjectHandle, shared: string): void;
  object_load(object: ObjectHandle): void;
  object_close(object: ObjectHandle): void;

  program_fd(object: ObjectHandle, program: string): number;
  program_attach(object: ObjectHandle, program: string): LinkHandle;
  program_run(
    fd: number,
    context: Uint8Array | null,
    repeat: number,
    packet: Uint8Array | null,
  ): { returnValue: number; durationNs: number };

  link_open_clock(
    ...clock: [object: ObjectHandle, program: string, cpu: number, every: number, isFrequency: boolean]
  ): LinkHandle;
  link_iterate(link: LinkHandle): Uint8Array;
  link_close(link: LinkHandle): void;

  ring_listen(wake: (ids: readonly number[]) => void): void;
  ring_open(object: ObjectHandle, map: string, id: number): RingHandle;
  ring_read(
    ...read: [
      ring: RingHandle,
      output: Uint8Array,
      index: Uint32Array,
      limits: Uint32Array,
      result: Uint32Array,
    ]
  ): number;
  ring_positions(ring: RingHandle, positions: Float64Array): void;
  ring_arm(ring: RingHandle): void;
  ring_hold(ring: RingHandle): void;
  ring_release(ring: RingHandle): void;
  ring_close(ring: RingHandle): void;

  map_lookup(object: ObjectHandle, map: string, key: Uint8Array, value: Uint8Array): boolean;
  map_update(
    ...entry: [object: ObjectHandle, map: string, key: Uint8Array, value: Uint8Array, flags: number]
  ): void;
  map_delete(object: ObjectHandle, map: string, key: Uint8Array): boolean;
  map_next_key(object: ObjectHandle, map: string, key: Uint8Array | null, next: Uint8Array): boolean;
  map_lookup_batch(
    ...batch: [
      object: ObjectHandle,
      map: string,
      cursor: Uint8Array | null,
      next: Uint8Array,
      keys: Uint8Array,
      values: Uint8Array,
      count: number,
    ]
  ): [count: number, isEnd: boolean];
  map_count_cpus(): number;

  probe_attach(
    ...question: [
      kind: string,
      programType: number,
      attachType: number,
      btfId: number,
      target: string,
      targetNumber: number,
    ]
  ): { failed: "" | "load" | "attach"; errno: number; log: string };
  probe_list_types(): string[];
  probe_load_type(programType: number): [status: number, errno: number];

  statistics_enable(): StatisticsHandle;
  statistics_disable(handle: StatisticsHandle): void;
  statistics_read(fd: number): NativeStatistics;

  clock_read(times: BigUint64Array): void;

  netlink_open(groups: Uint32Array, bufferBytes: number, id: number): NetlinkHandle;
  netlink_read(socket: NetlinkHandle, output: Uint8Array): number;
  netlink_send(socket: NetlinkHandle, message: Uint8Array): void;
  netlink_arm(socket: NetlinkHandle): void;
  netlink_hold(socket: NetlinkHandle): void;
  netlink_release(socket: NetlinkHandle): void;
  netlink_close(socket: NetlinkHandle): void;

  ethtool_driver(
    name: Uint8Array,
  ): [driver: Uint8Array, version: Uint8Array, firmwareVersion: Uint8Array, bus: Uint8Array] | null;
  ethtool_link(name: Uint8Array): [megabits: number, duplex: number] | null;
  clock_tick(): number;
  kmsg_open(path: string, id: number): KernelLogHandle;
  kmsg_read(log: KernelLogHandle, output: Uint8Array): number;
  kmsg_arm(log: KernelLogHandle): void;
  kmsg_close(log: KernelLogHandle): void;
  clock_watch(id: number): ClockWatchHandle;
  clock_was_set(watch: ClockWatchHandle): boolean;
  clock_unwatch(watch: ClockWatchHandle): void;

  peer_credentials(fd: number): [pid: number, uid: number, gid: number];
  peer_tcp_user(fd: number): number | null;

  timestamps_keep(): TimestampsHandle;
  timestamps_release(handle: TimestampsHandle): void;
  filter_compile(
    text: string,
    linkType: number,
    snapshotBytes: number,
  ): { readonly code?: Uint8Array; readonly refusal?: string; readonly trouble?: string };
}

const builtPath = "../build/Release/bpf_loader.node";
let addonPath: string | undefined;
let loaded: Native | undefined;

/**
 * Another build of the addon than the one beside this package, for tests of it. Code decides, never the environment: what is loaded
 * has all the privileges of the process.
 */
export function useAddon(path: string): void {
  addonPath = path;
}

/** Throws `BPF_ADDON_MISSING`. */
export function native(): Native {
  loaded ??= load();
  return loaded;
}

function load(): Native {
  const path = addonPath ?? fileURLToPath(new URL(builtPath, import.meta.url));
  try {
    return createRequire(import.meta.url)(path) as Native;
  } catch (cause) {
    const folder = fileURLToPath(new URL("..", import.meta.url));
    const message = `The addon could not be loaded from ${path}: ${explainLoading(cause, folder)}.`;
    throw new BpfError("BPF_ADDON_MISSING", message, { phase: "open", cause });
  }
}

/** What dlopen(3) says stands as it is: too many open files or no memory are no reason to build anything. */
function explainLoading(cause: unknown, folder: string): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "MODULE_NOT_FOUND")
    return `there is no such file; build it with "make -C ${folder}" (needs g++, make, libbpf-dev)`;
  return /^lib\S+: .*No such file/.test(message)
    ? `${message}; install that library (libbpf 1.1 or newer)`
    : message;
}
