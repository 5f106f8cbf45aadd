// Generated from cgroups.bpf.c: change the record there, then run "npm run generate".
import { readCgroupPath, readLabel, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "../tracing/contract.ts";

type CgroupChange = "made" | "renamed" | "unknown";
const cgroupChangeLabels: Readonly<Record<number, CgroupChange>> = ["made", "renamed"];

export interface NamespaceRecord {
  /** Nanoseconds. */
  readonly startTime: number;
  /** Only good to be compared. */
  readonly cookie: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly inode: number;
  readonly pid: number;
  readonly ownerUid: number;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export interface CgroupRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly parentId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly delegateId: bigint;
  readonly hierarchy: number;
  readonly change: CgroupChange;
  readonly delegateUid: number;
  readonly makerUid: number;
  readonly makerNamespace: number;
  readonly path: string;
}

export interface CgroupRemovalRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly hierarchy: number;
}

export const namespaceRecordLayout: RecordLayout<NamespaceRecord> = {
  struct: "namespace_record",
  sizeBytes: 560,
  read: (view, offset) => ({
    startTime: readUint64(view, offset + 8),
    cookie: view.getBigUint64(offset + 16, true),
    cgroupId: view.getBigUint64(offset + 24, true),
    inode: view.getUint32(offset + 32, true),
    pid: view.getUint32(offset + 36, true),
    ownerUid: view.getUint32(offset + 40, true),
    cgroup: readCgroupPath(view, offset + 48, 512),
  }),
};

export const cgroupRecordLayout: RecordLayout<CgroupRecord> = {
  struct: "cgroup_record",
  sizeBytes: 1088,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    cgroupId: view.getBigUint64(offset + 16, true),
    parentId: view.getBigUint64(offset + 24, true),
    delegateId: view.getBigUint64(offset + 32, true),
    hierarchy: view.getUint32(offset + 40, true),
    change: readLabel(cgroupChangeLabels, view.getUint32(offset + 44, true)),
    delegateUid: view.getUint32(offset + 48, true),
    makerUid: view.getUint32(offset + 52, true),
    makerNamespace: view.getUint32(offset + 56, true),
    path: readText(view, offset + 64, 1024),
  }),
};

export const cgroupRemovalRecordLayout: RecordLayout<CgroupRemovalRecord> = {
  struct: "cgroup_removal_record",
  sizeBytes: 32,
  read: (view, offset) => ({
    time: readUint64(view, offset + 8),
    cgroupId: view.getBigUint64(offset + 16, true),
    hierarchy: view.getUint32(offset + 24, true),
  }),
};
