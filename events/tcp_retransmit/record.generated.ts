// Generated from tcp_retransmit.bpf.c: change the record there, then run "npm run generate".
import { readCgroupPath, readIpAddress, readLabel, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

type LocalDropAnswer = "none" | "found" | "forgotten" | "unknown";
const localDropAnswerLabels: Readonly<Record<number, LocalDropAnswer>> = ["none", "found", "forgotten"];

type RetransmitKind =
  "syn" | "syn_ack" | "fast" | "timeout" | "tail_loss_probe" | "loss_recovery" | "unknown";
const retransmitKindLabels: Readonly<Record<number, RetransmitKind>> = [
  "syn",
  "syn_ack",
  "fast",
  "timeout",
  "tail_loss_probe",
  "loss_recovery",
];

export interface TcpRetransmitRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Only good to be compared. */
  readonly netnsCookie: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Nanoseconds. */
  readonly dropAge: number;
  /** An address in the kernel. */
  readonly dropLocation: bigint;
  readonly dropReason: number;
  readonly dropAnswer: LocalDropAnswer;
  readonly kind: RetransmitKind;
  readonly error: number;
  readonly netnsInode: number;
  readonly socketUid: number;
  readonly sequence: number;
  readonly lengthBytes: number;
  readonly segments: number;
  readonly totalRetransmits: number;
  readonly timeoutJiffies: number;
  readonly smoothedRttUs: number;
  readonly congestionWindow: number;
  /** IPv4 or IPv6 address. */
  readonly localAddress: string;
  /** IPv4 or IPv6 address. */
  readonly peerAddress: string;
  readonly localPort: number;
  readonly peerPort: number;
  readonly tcpState: number;
  readonly congestionState: number;
  readonly timeouts: number;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export const tcpRetransmitRecordLayout: RecordLayout<TcpRetransmitRecord> = {
  struct: "tcp_retransmit_record",
  sizeBytes: 656,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    netnsCookie: view.getBigUint64(offset + 16, true),
    cgroupId: view.getBigUint64(offset + 24, true),
    dropAge: readUint64(view, offset + 32),
    dropLocation: view.getBigUint64(offset + 40, true),
    dropReason: view.getUint32(offset + 48, true),
    dropAnswer: readLabel(localDropAnswerLabels, view.getUint32(offset + 52, true)),
    kind: readLabel(retransmitKindLabels, view.getUint32(offset + 56, true)),
    error: view.getInt32(offset + 60, true),
    netnsInode: view.getUint32(offset + 64, true),
    socketUid: view.getUint32(offset + 68, true),
    sequence: view.getUint32(offset + 72, true),
    lengthBytes: view.getUint32(offset + 76, true),
    segments: view.getUint32(offset + 80, true),
    totalRetransmits: view.getUint32(offset + 84, true),
    timeoutJiffies: view.getUint32(offset + 88, true),
    smoothedRttUs: view.getUint32(offset + 92, true),
    congestionWindow: view.getUint32(offset + 96, true),
    localAddress: readIpAddress(view, offset + 100),
    peerAddress: readIpAddress(view, offset + 116),
    localPort: view.getUint16(offset + 132),
    peerPort: view.getUint16(offset + 134),
    tcpState: view.getUint8(offset + 136),
    congestionState: view.getUint8(offset + 137),
    timeouts: view.getUint8(offset + 138),
    cgroup: readCgroupPath(view, offset + 144, 512),
  }),
};
