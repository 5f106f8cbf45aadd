// Generated from oom.bpf.c: change the record there, then run "npm run generate".
import { readAddresses, readCgroupPath, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

export interface OomRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Inode number of the cgroup's directory. */
  readonly victimCgroupId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly triggerCgroupId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly limitCgroupId: bigint;
  /** Pages of the machine's page size. */
  readonly limitPages: number;
  /** Pages of the machine's page size. */
  readonly usagePages: number;
  /** Pages of the machine's page size. */
  readonly anonymousPages: number;
  /** Pages of the machine's page size. */
  readonly filePages: number;
  /** Pages of the machine's page size. */
  readonly sharedPages: number;
  /** Pages of the machine's page size. */
  readonly swapPages: number;
  /** Pages of the machine's page size. */
  readonly virtualPages: number;
  /** Bytes. */
  readonly pageTableBytes: number;
  /** Nanoseconds. */
  readonly victimStartTime: number;
  readonly stack: readonly bigint[];
  readonly cpu: number;
  readonly victimPid: number;
  readonly victimUid: number;
  readonly victimOomScoreAdj: number;
  readonly triggerPid: number;
  readonly triggerTid: number;
  readonly constraint: number;
  readonly limitSource: number;
  readonly victimComm: string;
  readonly triggerComm: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly victimCgroup: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly triggerCgroup: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly limitCgroup: string;
}

export const oomRecordLayout: RecordLayout<OomRecord> = {
  struct: "oom_record",
  sizeBytes: 1968,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    victimCgroupId: view.getBigUint64(offset + 16, true),
    triggerCgroupId: view.getBigUint64(offset + 24, true),
    limitCgroupId: view.getBigUint64(offset + 32, true),
    limitPages: readUint64(view, offset + 40),
    usagePages: readUint64(view, offset + 48),
    anonymousPages: readUint64(view, offset + 56),
    filePages: readUint64(view, offset + 64),
    sharedPages: readUint64(view, offset + 72),
    swapPages: readUint64(view, offset + 80),
    virtualPages: readUint64(view, offset + 88),
    pageTableBytes: readUint64(view, offset + 96),
    victimStartTime: readUint64(view, offset + 104),
    stack: readAddresses(view, offset + 112, 32),
    cpu: view.getUint32(offset + 368, true),
    victimPid: view.getUint32(offset + 372, true),
    victimUid: view.getUint32(offset + 376, true),
    victimOomScoreAdj: view.getInt32(offset + 380, true),
    triggerPid: view.getUint32(offset + 384, true),
    triggerTid: view.getUint32(offset + 388, true),
    constraint: view.getInt32(offset + 392, true),
    limitSource: view.getUint32(offset + 396, true),
    victimComm: readText(view, offset + 400, 16),
    triggerComm: readText(view, offset + 416, 16),
    victimCgroup: readCgroupPath(view, offset + 432, 512),
    triggerCgroup: readCgroupPath(view, offset + 944, 512),
    limitCgroup: readCgroupPath(view, offset + 1456, 512),
  }),
};
