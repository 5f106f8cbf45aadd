// Generated from dropwatch.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readIpAddress, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface DropwatchRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** An address in the kernel. */
  readonly location: bigint;
  readonly stack: readonly bigint[];
  readonly reason: number;
  readonly lengthBytes: number;
  readonly interfaceIndex: number;
  readonly netnsInode: number;
  readonly socketUid: number;
  readonly cpu: number;
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
  readonly hasFlow: number;
  readonly interface: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export interface DropwatchSummary {
  /** Nanoseconds. */
  readonly first: number;
  /** Nanoseconds. */
  readonly last: number;
  /** A count. */
  readonly count: number;
  /** An address in the kernel. */
  readonly location: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
  readonly reason: number;
  readonly interfaceIndex: number;
  readonly netnsInode: number;
  readonly interface: string;
}

export interface DropwatchNotice {
  /** Nanoseconds. */
  readonly time: number;
}

export const dropwatchRecordLayout: RecordLayout<DropwatchRecord> = {
  struct: "dropwatch_record",
  sizeBytes: 768,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    netnsCookie: view.getBigUint64(offset + 16, true),
    cgroupId: view.getBigUint64(offset + 24, true),
    location: view.getBigUint64(offset + 32, true),
    stack: readAddresses(view, offset + 40, 16),
    reason: view.getUint32(offset + 168, true),
    lengthBytes: view.getUint32(offset + 172, true),
    interfaceIndex: view.getUint32(offset + 176, true),
    netnsInode: view.getUint32(offset + 180, true),
    socketUid: view.getUint32(offset + 184, true),
    cpu: view.getUint32(offset + 188, true),
    sourceAddress: readIpAddress(view, offset + 192),
    destinationAddress: readIpAddress(view, offset + 208),
    sourcePort: view.getUint16(offset + 224),
    destinationPort: view.getUint16(offset + 226),
    ethertype: view.getUint16(offset + 228),
    protocol: view.getUint8(offset + 230),
    tcpState: view.getUint8(offset + 231),
    hasSocket: view.getUint8(offset + 232),
    hasFlow: view.getUint8(offset + 233),
    interface: readText(view, offset + 240, 16),
    cgroup: readCgroupPath(view, offset + 256, 512),
  }),
};

export const dropwatchSummaryLayout: RecordLayout<DropwatchSummary> = {
  struct: "dropwatch_summary",
  sizeBytes: 88,
  read: (view, offset) => ({
    first: readUint64(view, offset + 8),
    last: readUint64(view, offset + 16),
    count: readUint64(view, offset + 24),
    location: view.getBigUint64(offset + 32, true),
    cgroupId: view.getBigUint64(offset + 40, true),
    netnsCookie: view.getBigUint64(offset + 48, true),
    reason: view.getUint32(offset + 56, true),
    interfaceIndex: view.getUint32(offset + 60, true),
    netnsInode: view.getUint32(offset + 64, true),
    interface: readText(view, offset + 72, 16),
  }),
};

export const dropwatchNoticeLayout: RecordLayout<DropwatchNotice> = {
  struct: "dropwatch_notice",
  sizeBytes: 16,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
  }),
};
