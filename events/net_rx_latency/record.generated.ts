// Generated from net_rx_latency.bpf.c: change the record there, then run "npm run generate".
import { readCgroupPath, readIpAddress, readLabel, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

type LatencyStage = "stack" | "transport" | "user" | "unknown";
const latencyStageLabels: Readonly<Record<number, LatencyStage>> = ["stack", "transport", "user"];

type StampClock = "real" | "monotonic" | "tai" | "unknown";
const stampClockLabels: Readonly<Record<number, StampClock>> = ["real", "monotonic", "tai"];

export interface NetRxLatencyRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Nanoseconds. */
  readonly latency: number;
  /** Nanoseconds. */
  readonly threshold: number;
  /** Nanoseconds. */
  readonly stamp: number;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly stage: LatencyStage;
  readonly clock: StampClock;
  readonly lengthBytes: number;
  readonly interfaceIndex: number;
  readonly netnsInode: number;
  readonly socketUid: number;
  readonly cpu: number;
  readonly pid: number;
  readonly tid: number;
  readonly sequence: number;
  /** IPv4 or IPv6 address. */
  readonly sourceAddress: string;
  /** IPv4 or IPv6 address. */
  readonly destinationAddress: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ethertype: number;
  readonly protocol: number;
  readonly tcpState: number;
  readonly hasSocket: number;
  readonly comm: string;
  readonly interface: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export const netRxLatencyRecordLayout: RecordLayout<NetRxLatencyRecord> = {
  struct: "net_rx_latency_record",
  sizeBytes: 688,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    latency: readUint64(view, offset + 16),
    threshold: readUint64(view, offset + 24),
    stamp: readUint64(view, offset + 32),
    netnsCookie: view.getBigUint64(offset + 40, true),
    cgroupId: view.getBigUint64(offset + 48, true),
    stage: readLabel(latencyStageLabels, view.getUint32(offset + 56, true)),
    clock: readLabel(stampClockLabels, view.getUint32(offset + 60, true)),
    lengthBytes: view.getUint32(offset + 64, true),
    interfaceIndex: view.getUint32(offset + 68, true),
    netnsInode: view.getUint32(offset + 72, true),
    socketUid: view.getUint32(offset + 76, true),
    cpu: view.getUint32(offset + 80, true),
    pid: view.getUint32(offset + 84, true),
    tid: view.getUint32(offset + 88, true),
    sequence: view.getUint32(offset + 92, true),
    sourceAddress: readIpAddress(view, offset + 96),
    destinationAddress: readIpAddress(view, offset + 112),
    sourcePort: view.getUint16(offset + 128),
    destinationPort: view.getUint16(offset + 130),
    ethertype: view.getUint16(offset + 132),
    protocol: view.getUint8(offset + 134),
    tcpState: view.getUint8(offset + 135),
    hasSocket: view.getUint8(offset + 136),
    comm: readText(view, offset + 144, 16),
    interface: readText(view, offset + 160, 16),
    cgroup: readCgroupPath(view, offset + 176, 512),
  }),
};
