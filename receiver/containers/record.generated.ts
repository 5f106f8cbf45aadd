// Generated from cgroups.bpf.c: change the record there, then run "npm run generate".
import { readCgroupPath, readLabel, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "../tracing/contract.ts";

type CgroupChange = "made" | "renamed" | "removed" | "unknown";
const cgroupChangeLabels: Readonly<Record<number, CgroupChange>> = ["made", "renamed", "removed"];

export interface CgroupRecord {
  /** Nanoseconds. */
  readonly time: number;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  /** Inode number of the cgroup's directory. */
  readonly parentId: bigint;
  readonly hierarchy: number;
  readonly change: CgroupChange;
  readonly path: string;
}

export interface NamespaceRecord {
  /** Nanoseconds. */
  readonly startTime: number;
  /** Only good to be compared. */
  readonly cookie: bigint;
  /** Inode number of the cgroup's directory. */
  readonly cgroupId: bigint;
  readonly inode: number;
  readonly pid: number;
  /** Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read. */
  readonly cgroup: string;
}

export const cgroupRecordLayout: RecordLayout<CgroupRecord> = {
  sizeBytes: 1056,
  read: (view, offset) => ({
    time: readUint64(view, offset),
    cgroupId: view.getBigUint64(offset + 8, true),
    parentId: view.getBigUint64(offset + 16, true),
    hierarchy: view.getUint32(offset + 24, true),
    change: readLabel(cgroupChangeLabels, view.getUint32(offset + 28, true)),
    path: readText(view, offset + 32, 1024),
  }),
};

export const namespaceRecordLayout: RecordLayout<NamespaceRecord> = {
  sizeBytes: 544,
  read: (view, offset) => ({
    startTime: readUint64(view, offset),
    cookie: view.getBigUint64(offset + 8, true),
    cgroupId: view.getBigUint64(offset + 16, true),
    inode: view.getUint32(offset + 24, true),
    pid: view.getUint32(offset + 28, true),
    cgroup: readCgroupPath(view, offset + 32, 512),
  }),
};
