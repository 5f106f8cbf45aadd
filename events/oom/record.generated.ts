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
  sizeBytes: 1960,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    victimCgroupId: view.getBigUint64(offset + 8, true),
    triggerCgroupId: view.getBigUint64(offset + 16, true),
    limitCgroupId: view.getBigUint64(offset + 24, true),
    limitPages: readUint64(view, offset + 32),
    usagePages: readUint64(view, offset + 40),
    anonymousPages: readUint64(view, offset + 48),
    filePages: readUint64(view, offset + 56),
    sharedPages: readUint64(view, offset + 64),
    swapPages: readUint64(view, offset + 72),
    virtualPages: readUint64(view, offset + 80),
    pageTableBytes: readUint64(view, offset + 88),
    victimStartTime: readUint64(view, offset + 96),
    stack: readAddresses(view, offset + 104, 32),
    cpu: view.getUint32(offset + 360, true),
    victimPid: view.getUint32(offset + 364, true),
    victimUid: view.getUint32(offset + 368, true),
    victimOomScoreAdj: view.getInt32(offset + 372, true),
    triggerPid: view.getUint32(offset + 376, true),
    triggerTid: view.getUint32(offset + 380, true),
    constraint: view.getInt32(offset + 384, true),
    limitSource: view.getUint32(offset + 388, true),
    victimComm: readText(view, offset + 392, 16),
    triggerComm: readText(view, offset + 408, 16),
    victimCgroup: readCgroupPath(view, offset + 424, 512),
    triggerCgroup: readCgroupPath(view, offset + 936, 512),
    limitCgroup: readCgroupPath(view, offset + 1448, 512),
  }),
};
