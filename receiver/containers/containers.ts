/** Who is it about? Answers from memory, for every subject of a log record, and keeps that memory right. */
import type { BpfMap } from "bpf-loader-napi";
import type { ContainersConfig } from "#otel-config/config.ts";
import type { EventLog } from "../tracing/contract.ts";
import type { CgroupSubject, Subject } from "../tracing/subject.ts";
import type { Cgroup } from "./cgroup.ts";
import { CgroupDirectory } from "./cgroup-directory.ts";
import type { DirectoryCounts } from "./cgroup-directory.ts";
import { CgroupWatch } from "./cgroup-watch.ts";
import { ContainerSeries } from "./container-series.ts";
import type { SeriesCounts } from "./container-series.ts";
import { Inquiry } from "./inquiry.ts";
import type { SkipReason } from "./inquiry.ts";
import type { Namespace } from "./namespace.ts";
import { NetworkNamespaces } from "./network-namespaces.ts";
import type { NamespaceId } from "./network-namespaces.ts";
import { host, unknown } from "./resolved-subject.ts";
import type { About } from "./resolved-subject.ts";
import type { SourceCounts } from "./sources/asked-source.ts";
import { chooseLabels, isChosen } from "./sources/labels.ts";
import { SocketOwner } from "./socket-owner.ts";
import { Sources } from "./sources/sources.ts";
import { TenantTables, createTenantMaps } from "./tenant-tables.ts";
import type { TenantMaps } from "./tenant-tables.ts";
import type { TenantFollower } from "./tenant.ts";
import { findTaskHierarchy } from "./walk-cgroups.ts";

export interface ContainersOptions {
  readonly config: ContainersConfig;
  readonly log: Pick<EventLog, "warn">;
  /** Why nothing that needs the kernel runs; then only what records bring is known. */
  readonly missingRequirement: string | undefined;
}

export interface ContainersCounts {
  readonly cgroups: DirectoryCounts;
  readonly namespaces: number;
  /** Network namespaces that were forgotten for want of room. */
  readonly evictedNamespaces: number;
  /** Changes that the ring had no room for. */
  readonly lost: number;
  /** Changes beyond what one user may have reported. */
  readonly suppressed: number;
  /** Through the hierarchies; and of these, those that met more than is remembered. */
  readonly walks: number;
  readonly cutWalks: number;
  readonly series: SeriesCounts;
  /** Lookups that were not sent. */
  readonly skipped: Readonly<Record<SkipReason, number>>;
  readonly sources: ReadonlyMap<string, SourceCounts>;
}

const aboutHost: About = { resolved: host, isPending: false };
const aboutUnknown: About = { resolved: unknown, isPending: false };

export class Containers implements AsyncDisposable {
  /** Called when something was found out that a record may wait for. */
  onChange: () => void = () => {};
  readonly #directory: CgroupDirectory;
  readonly #namespaces = new NetworkNamespaces();
  readonly #inquiry: Inquiry;
  readonly #series: ContainerSeries;
  readonly #sources: Sources;
  readonly #options: ContainersOptions;
  readonly #taskHierarchy: number;
  #config: ContainersConfig;
  #watch: CgroupWatch | undefined;
  /** From the start to the end, whatever restarts. */
  readonly #tables = new DisposableStack();
  #tenantMaps: TenantMaps<BpfMap> | undefined;
  #tenants: TenantTables | undefined;
  #isClosed = false;
  /** Of watches before the current one. */
  #earlier = { lost: 0, suppressed: 0, walks: 0, cutWalks: 0 };

  constructor(options: ContainersOptions) {
    const { config, log, missingRequirement } = options;
    this.#options = options;
    this.#config = config;
    const taskHierarchy = findTaskHierarchy();
    this.#taskHierarchy = taskHierarchy;
    this.#directory = new CgroupDirectory([taskHierarchy, 0], {
      onNew: (cgroup) => {
        this.#inquiry.ask(cgroup);
      },
    });
    this.#series = new ContainerSeries(this.#directory.owners);
    this.#sources = new Sources(config, log);
    this.#inquiry = new Inquiry({
      directory: this.#directory,
      sources: this.#sources.all,
      onAnswer: () => {
        this.onChange();
      },
    });
    if (missingRequirement !== undefined) return;
    this.#followTenants();
    this.#watch = this.#startWatch();
  }

  /** Resolves when the cgroups that are there are known. */
  async start(): Promise<void> {
    await this.#watch?.walk();
  }

  /** After an error that nothing caught: follows the kernel anew and queries every source anew. What is known stays. */
  async restart(): Promise<void> {
    if (this.#isClosed) return;
    this.#retireWatch();
    this.#sources.restart(this.#config);
    this.#inquiry.setSources(this.#sources.all);
    if (this.#options.missingRequirement === undefined) this.#watch = this.#startWatch();
    await this.start();
  }

  /**
   * Takes what a new configuration says of the sources. What is known stays until they tell anew, but for labels that
   * are not chosen any longer.
   */
  reload(config: ContainersConfig): void {
    this.#config = config;
    const labels = chooseLabels(config);
    for (const owner of this.#directory.owners.all()) owner.keepOnly((name) => isChosen(name, labels));
    this.#sources.reload(config);
    this.#inquiry.setSources(this.#sources.all);
  }

  /** Takes some hundred nanoseconds; what it answers becomes better by itself while `isPending`. */
  about(subject: Subject): About {
    if (subject.kind === "host") return aboutHost;
    if (subject.kind === "network_namespace") return this.#findNamespace(subject) ?? aboutHost;
    if (subject.kind === "cgroup") return this.#findCgroup(subject) ?? aboutUnknown;
    const cgroup = subject.cgroup && this.#findCgroup(subject.cgroup);
    const namespace = subject.namespace && this.#findNamespace(subject.namespace);
    if (namespace !== undefined) return new SocketOwner(cgroup, namespace);
    return cgroup ?? (subject.cgroup === undefined ? aboutHost : aboutUnknown);
  }

  #findCgroup({ id, path }: CgroupSubject): Cgroup | undefined {
    const cgroup = this.#directory.find(id, path);
    if (cgroup !== undefined) this.#inquiry.remind(cgroup);
    return cgroup;
  }

  followTenants(follower: TenantFollower): Disposable {
    return this.#directory.tenants.follow(follower);
  }

  /** By which BPF programs find tenants; undefined where the kernel refused them. */
  get tenantMaps(): TenantMaps<BpfMap> | undefined {
    return this.#tenantMaps;
  }
  get tenants(): TenantTables | undefined {
    return this.#tenants;
  }
  /** Undefined: the host's. */
  #findNamespace(id: NamespaceId): Namespace | undefined {
    const namespace = this.#namespaces.foreign(id);
    if (namespace?.member !== undefined) this.#inquiry.remind(namespace.member.cgroup);
    return namespace;
  }

  /** Id of the container as a label of metrics; undefined for what has no series of its own. */
  seriesOf(subject: Subject): string | undefined {
    return subject.kind === "cgroup" ? this.#series.idOf(this.#findCgroup(subject)) : undefined;
  }

  /** For attributes: the whole path of a cgroup where a record had no room for it, else `path`. */
  wholePath(id: bigint, path: string): string {
    return this.#directory.wholePath(id, path);
  }

  counts(): ContainersCounts {
    return {
      cgroups: this.#directory.counts(),
      namespaces: this.#namespaces.size,
      evictedNamespaces: this.#namespaces.evicted,
      ...this.#countChanges(),
      skipped: this.#inquiry.skipped,
      series: this.#series.counts(),
      sources: this.#sources.counts(),
    };
  }

  #countChanges(): Pick<ContainersCounts, "lost" | "suppressed" | "walks" | "cutWalks"> {
    const { lost, suppressed } = this.#watch?.counts() ?? { lost: 0, suppressed: 0 };
    return {
      lost: this.#earlier.lost + lost,
      suppressed: this.#earlier.suppressed + suppressed,
      walks: this.#earlier.walks + (this.#watch?.walks ?? 0),
      cutWalks: this.#earlier.cutWalks + (this.#watch?.cutWalks ?? 0),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#inquiry.close();
    this.#watch?.[Symbol.dispose]();
    this.#tables.dispose();
    await this.#sources.close();
  }

  #followTenants(): void {
    const { log } = this.#options;
    try {
      const { object, maps } = createTenantMaps();
      this.#tables.use(object);
      this.#tenantMaps = maps;
      this.#tenants = new TenantTables(maps, log);
      this.#tables.use(this.followTenants(this.#tenants));
      this.#namespaces.onEvict = (cookie): void => {
        this.#tenants?.removeNamespace(cookie);
      };
    } catch (error) {
      log.warn(
        "limits are shared out by the owners of cgroups and network namespaces, not by container",
        error,
      );
    }
  }

  #startWatch(): CgroupWatch | undefined {
    const { log } = this.#options;
    try {
      return new CgroupWatch({
        taskHierarchy: this.#taskHierarchy,
        directory: this.#directory,
        namespaces: this.#namespaces,
        log,
        onMember: (cookie, cgroup) => {
          const containerId = cgroup.resolved.attributes["container.id"];
          if (containerId !== undefined) this.#tenants?.addNamespace(cookie, containerId);
        },
        onChange: () => {
          this.onChange();
        },
      });
    } catch (error) {
      log.warn("cgroups and network namespaces are not followed; records bring their cgroup's path", error);
      return undefined;
    }
  }

  #retireWatch(): void {
    const counts = this.#countChanges();
    this.#watch?.[Symbol.dispose]();
    this.#watch = undefined;
    this.#earlier = counts;
  }
}
