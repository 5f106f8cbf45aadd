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
  readonly victimComm: string;
  readonly triggerComm: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly victimCgroup: string;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly triggerCgroup: string;
  /** Only good to be compared. */
  readonly shortage: bigint;
  /** Inode number of the cgroup's directory. */
  readonly limitCgroupId: bigint;
  /** Pages of the machine's page size. */
  readonly limitPages: number;
  /** Pages of the machine's page size. */
  readonly usagePages: number;
  /** Nanoseconds. */
  readonly lastTime: number;
  /** A count. */
  readonly count: number;
  readonly constraint: number;
  readonly limitSource: number;
  readonly isEnd: number;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly limitCgroup: string;
}

export interface OomNotice {
  /** Nanoseconds. */
  readonly time: number;
}

export const oomRecordLayout: RecordLayout<OomRecord> = {
  struct: "oom_record",
  sizeBytes: 2000,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    victimCgroupId: view.getBigUint64(offset + 16, true),
    triggerCgroupId: view.getBigUint64(offset + 24, true),
    anonymousPages: readUint64(view, offset + 32),
    filePages: readUint64(view, offset + 40),
    sharedPages: readUint64(view, offset + 48),
    swapPages: readUint64(view, offset + 56),
    virtualPages: readUint64(view, offset + 64),
    pageTableBytes: readUint64(view, offset + 72),
    victimStartTime: readUint64(view, offset + 80),
    stack: readAddresses(view, offset + 88, 32),
    cpu: view.getUint32(offset + 344, true),
    victimPid: view.getUint32(offset + 348, true),
    victimUid: view.getUint32(offset + 352, true),
    victimOomScoreAdj: view.getInt32(offset + 356, true),
    triggerPid: view.getUint32(offset + 360, true),
    triggerTid: view.getUint32(offset + 364, true),
    victimComm: readText(view, offset + 368, 16),
    triggerComm: readText(view, offset + 384, 16),
    victimCgroup: readCgroupPath(view, offset + 400, 512),
    triggerCgroup: readCgroupPath(view, offset + 912, 512),
    shortage: view.getBigUint64(offset + 1424, true),
    limitCgroupId: view.getBigUint64(offset + 1432, true),
    limitPages: readUint64(view, offset + 1440),
    usagePages: readUint64(view, offset + 1448),
    lastTime: readUint64(view, offset + 1456),
    count: readUint64(view, offset + 1464),
    constraint: view.getInt32(offset + 1472, true),
    limitSource: view.getUint32(offset + 1476, true),
    isEnd: view.getUint32(offset + 1480, true),
    limitCgroup: readCgroupPath(view, offset + 1488, 512),
  }),
};

export const oomNoticeLayout: RecordLayout<OomNotice> = {
  struct: "oom_notice",
  sizeBytes: 16,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
  }),
};
