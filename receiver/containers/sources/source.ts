/** Somebody who knows containers by name: a runtime, or the kubelet. */
import type { Setting } from "#otel-config/declaration.ts";
import type { SubjectAttributes } from "../resolved-subject.ts";

/** A cgroup that a source is queried about. */
export interface Wanted {
  /** Ids of containers that the path names, the innermost first. */
  readonly containerIds: readonly string[];
  /** Where it names none: directories whose name may be an id of any form, the innermost first. */
  readonly names: readonly string[];
  readonly path: string;
  readonly podUid: string | undefined;
  /** Of the container that `containerIds` names, or the cgroup's own. */
  readonly place: ContainerPlace;
}

/** Where the kernel has a container, as far as it is known now. */
export interface ContainerPlace {
  readonly path: string;
  /** The hierarchies that have this directory; none where only a record has named it. */
  readonly hierarchies: readonly number[];
  /** Root of the initial user namespace made the directory, and everything above it. */
  readonly isProven: boolean;
}

/** Where a source says that the container is. */
export interface Evidence {
  /** `linux.cgroupsPath` of the OCI runtime specification: a path, or systemd's `slice:prefix:id`. */
  readonly cgroupsPath?: string | undefined;
  /** The directory above the container's, as Docker has it in `CgroupParent`. */
  readonly cgroupParent?: string | undefined;
  /** A process of the container, in the initial pid namespace. */
  readonly pid?: number | undefined;
  readonly podUid?: string | undefined;
}

export interface Told {
  /** One of `containerIds`, or `undefined` where it was found by name. */
  readonly containerId: string | undefined;
  /** Where it was found by name: the cgroup of the container, which is the one asked for or above it. */
  readonly path?: string;
  readonly attributes: SubjectAttributes;
  /** An answer is believed where this agrees with what the kernel says. */
  readonly evidence: Evidence;
  /** Only the pod is known so far; more of the container may be known later. */
  readonly isPartial?: true;
}

export interface Source {
  /** What is known of these; nothing of those that are not. Rejects where the source does not answer or makes no sense. */
  find(wanted: readonly Wanted[], signal: AbortSignal): Promise<readonly Told[]>;
  close(): void;
}

/** Labels that may become attributes. */
export interface LabelChoice {
  readonly container: ReadonlySet<string>;
  readonly pod: ReadonlySet<string>;
}

export interface NamedSource {
  readonly name: string;
  /** As of `Teller`. */
  readonly trust: number;
  /** What of the configuration it was made of: with another, it is another one. */
  readonly settings: object;
  /** Whether there is somebody to ask; looked at now and then. */
  isThere(): boolean;
  /** Called at the first question, so that what nobody has costs nothing. */
  open(): Promise<Source>;
  /** Whether it finds containers by `Wanted.names`; the others only know ids. */
  readonly findsNames: boolean;
  readonly timeoutMs: number;
  /** At least so long between two calls of `find`; what is wanted meanwhile is in the next one. */
  readonly intervalMs: number;
}

/** What a source says of itself in its `provider.ts`. The client behind it is imported by `open` and not before. */
export interface SourceProvider<Options extends object = Readonly<Record<string, unknown>>> {
  /** The key below `distribution.kerntel.containers`. */
  readonly name: string;
  /** One sentence, for people. */
  readonly description: string;
  readonly settings: { readonly [Name in keyof Options]-?: Setting };
  readonly findsNames: boolean;
  readonly timeoutMs: number;
  /** As in `NamedSource`. */
  readonly intervalMs: number;
  isThere(options: Options): boolean;
  open(options: Options, labels: LabelChoice): Promise<Source>;
}

/** Any source: what its options are, only the declaration knows. */
export interface DeclaredSource extends Pick<
  SourceProvider,
  "name" | "description" | "settings" | "findsNames" | "timeoutMs" | "intervalMs"
> {
  isThere(options: never): boolean;
  open(options: never, labels: LabelChoice): Promise<Source>;
}
