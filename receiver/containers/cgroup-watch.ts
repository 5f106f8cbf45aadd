/** Keeps the directory of cgroups and the table of network namespaces in step with the kernel. */
import { openObject } from "bpf-loader-napi";
import type { BpfMap, LoadedObject } from "bpf-loader-napi";
import type { EventLog } from "../tracing/contract.ts";
import { RecordReadings } from "../tracing/record-readings.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupDirectory } from "./cgroup-directory.ts";
import type { NamespaceId, NetworkNamespaces } from "./network-namespaces.ts";
import { cgroupRecordLayout, namespaceRecordLayout } from "./record.generated.ts";
import type { CgroupRecord, NamespaceRecord } from "./record.generated.ts";
import { findHierarchies, walkCgroups } from "./walk-cgroups.ts";

const followed = ["cgroup_mkdir", "cgroup_rename", "cgroup_rmdir", "process_exec"] as const;
/** After changes were lost the hierarchies are walked again, but a storm must not make it a habit. */
const WALK_AGAIN_MS = 60_000;

interface HostSection {
  readonly host_namespace: NamespaceId;
}

export interface CgroupWatchOptions {
  readonly taskHierarchy: number;
  readonly directory: CgroupDirectory;
  readonly namespaces: NetworkNamespaces;
  readonly log: Pick<EventLog, "warn">;
  /** A process of this cgroup is in a network namespace that is not the host's. */
  readonly onMember?: (cookie: bigint, cgroup: Cgroup) => void;
  /** Something became known that a record may wait for. */
  readonly onChange: () => void;
}

export class CgroupWatch implements Disposable {
  readonly #options: CgroupWatchOptions;
  readonly #object: LoadedObject;
  readonly #counters: BpfMap;
  /** That were there at the last walk, and altogether when the watch ended. */
  #lost = 0;
  #lostAtEnd = 0;
  #walks = 0;
  #walkedAtMs = Number.NEGATIVE_INFINITY;
  #walking: Promise<void> = Promise.resolve();
  #isClosed = false;

  /** Throws the loader's error where the kernel refuses. */
  constructor(options: CgroupWatchOptions) {
    this.#options = options;
    const opened = openObject(new URL("cgroups.bpf.o", import.meta.url), {
      constants: { task_hierarchy: options.taskHierarchy },
    });
    this.#object = opened.load();
    this.#counters = this.#object.map("counters");
    try {
      this.#follow();
      this.#tellProcesses();
    } catch (error) {
      this.#object.close();
      throw error;
    }
  }

  /** Adds the cgroups that are there; what is made meanwhile comes from the kernel. */
  walk(): Promise<void> {
    this.#walks++;
    this.#walkedAtMs = performance.now();
    this.#walking = this.#walking.then(() => this.#walk());
    return this.#walking;
  }

  get walks(): number {
    return this.#walks;
  }

  /** Changes for which the ring had no room. */
  get lost(): number {
    if (!this.#isClosed) this.#lostAtEnd = this.#countLost();
    return this.#lostAtEnd;
  }

  #countLost(): number {
    const perCpu = this.#counters.lookup(0) as readonly { readonly ring_lost: bigint }[];
    return perCpu.reduce((sum, count) => sum + Number(count.ring_lost), 0);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#lostAtEnd = this.#countLost();
    this.#isClosed = true;
    this.#object.close();
  }

  #follow(): void {
    const { log } = this.#options;
    const readings = RecordReadings.of(this.#object.btf, [
      [
        cgroupRecordLayout,
        (record): void => {
          this.#change(record);
        },
      ],
      [
        namespaceRecordLayout,
        (record): void => {
          this.#addMember(record);
        },
      ],
    ]);
    for (const mismatch of readings.mismatches) log.warn(`changes of cgroups cannot be decoded: ${mismatch}`);
    this.#object.ringReader("records", {}, (batch) => {
      readings.handle(batch, (error) => {
        log.warn("a change of cgroups could not be decoded", error);
      });
      this.#options.onChange();
      this.#walkAfterLoss();
    });
    for (const program of followed) this.#object.attach(program);
  }

  #tellProcesses(): void {
    this.#object.attach("tell_processes").iterate();
    const section = this.#object.map(".data.host").lookup(0) as unknown as HostSection;
    this.#options.namespaces.setHost(section.host_namespace);
  }

  #change({ cgroupId, parentId, hierarchy, change, path: told }: CgroupRecord): void {
    const { directory } = this.#options;
    // The kernel cut the path: what came instead is the name alone.
    const path = told.startsWith("/") ? told : directory.pathBelow(hierarchy, parentId, told);
    if (change === "removed") directory.remove(hierarchy, cgroupId);
    else if (change === "renamed") directory.rename(hierarchy, cgroupId, path);
    else directory.add(hierarchy, cgroupId, path);
  }

  #addMember({ cgroupId, cgroup: path, inode, cookie, startTime }: NamespaceRecord): void {
    const cgroup = this.#options.directory.find(cgroupId, path);
    if (cgroup === undefined) return;
    this.#options.namespaces.add({ inode, cookie }, { cgroup, startTime });
    this.#options.onMember?.(cookie, cgroup);
  }

  #walkAfterLoss(): void {
    const { lost } = this;
    if (lost === this.#lost || performance.now() - this.#walkedAtMs < WALK_AGAIN_MS) return;
    this.#lost = lost;
    void this.walk();
  }

  async #walk(): Promise<void> {
    const { directory, taskHierarchy, log } = this.#options;
    try {
      for (const hierarchy of findHierarchies(taskHierarchy)) {
        await walkCgroups(hierarchy, ({ hierarchy: number, id, path }) => {
          if (!this.#isClosed) directory.add(number, id, path);
        });
      }
    } catch (error) {
      log.warn("the cgroups that are there could not be read", error);
    }
  }
}
