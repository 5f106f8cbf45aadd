/** Keeps the directory of cgroups and the table of network namespaces in step with the kernel. */
import { openObject } from "bpf-loader-napi";
import type { BpfMap, LoadedObject } from "bpf-loader-napi";
import type { EventLog } from "../tracing/contract.ts";
import { RecordReadings } from "../tracing/record-readings.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupDirectory } from "./cgroup-directory.ts";
import type { Making } from "./making.ts";
import type { Pair } from "./namespace.ts";
import type { NamespaceId, NetworkNamespaces } from "./network-namespaces.ts";
import { cgroupRecordLayout, cgroupRemovalRecordLayout, namespaceRecordLayout } from "./record.generated.ts";
import type { CgroupRecord, NamespaceRecord } from "./record.generated.ts";
import { findHierarchies, walkCgroups } from "./walk-cgroups.ts";

const followed = ["cgroup_mkdir", "cgroup_rename", "cgroup_rmdir", "process_exec"] as const;
/** After changes were lost the hierarchies are walked again, but a storm must not make it a habit. */
const WALK_AGAIN_MS = 60_000;

interface KernelCounters {
  readonly ring_lost: bigint;
  readonly suppressed: bigint;
}

export interface WatchCounts {
  /** Changes for which the ring had no room. */
  readonly lost: number;
  /** Changes beyond what one user may have reported. */
  readonly suppressed: number;
}

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
  /** Pairs of a network namespace and a cgroup that were reported: of root's namespaces, and of those of users. */
  readonly #pairs: BpfMap;
  readonly #userPairs: BpfMap;
  /** That were there at the last walk, and altogether when the watch ended. */
  #lost = 0;
  #countsAtEnd: WatchCounts = { lost: 0, suppressed: 0 };
  #walks = 0;
  #cutWalks = 0;
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
    this.#pairs = this.#object.map("pairs");
    this.#userPairs = this.#object.map("user_pairs");
    options.namespaces.onForget = (pair): void => {
      this.#reportAgain(pair);
    };
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

  /** Walks that met more cgroups than are remembered. */
  get cutWalks(): number {
    return this.#cutWalks;
  }

  counts(): WatchCounts {
    if (!this.#isClosed) this.#countsAtEnd = this.#readCounts();
    return this.#countsAtEnd;
  }

  #readCounts(): WatchCounts {
    const perCpu = this.#counters.lookup(0) as unknown as readonly KernelCounters[];
    const sum = (read: (count: KernelCounters) => bigint): number =>
      perCpu.reduce((total, count) => total + Number(read(count)), 0);
    return { lost: sum((count) => count.ring_lost), suppressed: sum((count) => count.suppressed) };
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#countsAtEnd = this.#readCounts();
    this.#isClosed = true;
    this.#object.close();
  }

  #follow(): void {
    const { directory, log } = this.#options;
    const readings = RecordReadings.of(this.#object.btf, [
      [
        cgroupRecordLayout,
        (record): void => {
          this.#change(record);
        },
      ],
      [
        cgroupRemovalRecordLayout,
        ({ hierarchy, cgroupId }): void => {
          directory.remove(hierarchy, cgroupId);
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

  #change({ cgroupId: id, parentId, hierarchy, change, path: told, ...record }: CgroupRecord): void {
    const { directory } = this.#options;
    // The kernel cut the path: what came instead is the name alone.
    const path = told.startsWith("/") ? told : directory.pathBelow(hierarchy, parentId, told);
    const made = { hierarchy, id, path, parentId, making: readMaking(change, id, record) };
    if (change === "renamed") directory.rename(made);
    else directory.add(made);
  }

  #addMember({ cgroupId, cgroup: path, inode, cookie, startTime, ownerUid }: NamespaceRecord): void {
    const cgroup = this.#options.directory.find(cgroupId, path);
    const pair = { cookie, cgroupId, ownerUid };
    if (cgroup === undefined) {
      this.#reportAgain(pair);
      return;
    }
    this.#options.namespaces.add({ inode, cookie }, { cgroup, startTime, pair });
    this.#options.onMember?.(cookie, cgroup);
  }

  /** The next program that is started in this namespace and cgroup brings the record once more. */
  #reportAgain({ cookie, cgroupId, ownerUid }: Pair): void {
    if (this.#isClosed) return;
    const map = ownerUid === 0 ? this.#pairs : this.#userPairs;
    map.delete({ namespace_cookie: cookie, cgroup_id: cgroupId });
  }

  #walkAfterLoss(): void {
    const { lost } = this.counts();
    if (lost === this.#lost || performance.now() - this.#walkedAtMs < WALK_AGAIN_MS) return;
    this.#lost = lost;
    void this.walk();
  }

  async #walk(): Promise<void> {
    const { directory, taskHierarchy, log } = this.#options;
    try {
      for (const hierarchy of findHierarchies(taskHierarchy)) {
        const hasMore = await walkCgroups(hierarchy, (found) => {
          if (!this.#isClosed) directory.add(found);
        });
        if (hasMore) this.#cutWalks++;
      }
      directory.rejoin();
    } catch (error) {
      log.warn("the cgroups that are there could not be read", error);
    }
  }
}

type Uids = Pick<CgroupRecord, "makerUid" | "makerNamespace" | "delegateId" | "delegateUid">;

function readMaking(change: CgroupRecord["change"], id: bigint, uids: Uids): Making {
  const { makerUid, makerNamespace, delegateId, delegateUid } = uids;
  // A new directory belongs to the user in whose name it was made (fsuid), be the task root's.
  const isInNameOf = change === "made" && makerUid === 0 && delegateId === id;
  return {
    makerUid: isInNameOf ? delegateUid : makerUid,
    isForeign: makerNamespace !== 0,
    delegateId,
    delegateUid,
  };
}
