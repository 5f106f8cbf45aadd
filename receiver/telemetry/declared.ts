/** Tests ask here whether a name may leave the process: it may when a `telemetry.yaml` defines it. */
import type { TelemetryFile } from "./definition.ts";
import { standardAttributes } from "./standard-attributes.ts";

const templates = [...standardAttributes].flatMap(([name, { type }]) =>
  type === "template[string]" ? [name] : [],
);

export interface DeclaredNames {
  /** All attributes that anything may carry. */
  readonly attributes: ReadonlySet<string>;
  /** Attributes by event name (`kerntel.oom`), with those that every log record has. */
  readonly events: ReadonlyMap<string, ReadonlySet<string>>;
  /** Attributes by metric name. */
  readonly metrics: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of log records. */
  readonly resource: ReadonlySet<string>;
  /** Of the program's own metrics. */
  readonly programResource: ReadonlySet<string>;
}

/** What left the process, in whatever form a test caught it. */
export interface Emitted {
  readonly logRecords?: Iterable<{
    readonly eventName?: string | undefined;
    readonly attributes: object;
    readonly resource?: object;
  }>;
  readonly metrics?: Iterable<{ readonly name: string; readonly points: Iterable<object> }>;
  /** Of metrics. */
  readonly resources?: Iterable<object>;
}

export function declareNames(files: readonly TelemetryFile[]): DeclaredNames {
  const everyRecord = groupOf(files, "kerntel.record");
  const events = files.flatMap((file) =>
    file.events.map(
      ({ name, attributes }) => [name, new Set([...everyRecord, ...refsOf(attributes)])] as const,
    ),
  );
  const metrics = files.flatMap((file) =>
    file.metrics.map(({ name, attributes }) => [name, new Set(refsOf(attributes))] as const),
  );
  const resource = new Set(groupOf(files, "kerntel.resource"));
  const programResource = new Set([...resource, ...groupOf(files, "kerntel.program")]);
  const attributes = new Set([...programResource, ...everyRecord]);
  for (const [, names] of [...events, ...metrics]) for (const name of names) attributes.add(name);
  return { attributes, events: new Map(events), metrics: new Map(metrics), resource, programResource };
}

/** One sentence for each undeclared name, whatever the number of times it left; empty when all is declared. */
export function findUndeclared(declared: DeclaredNames, emitted: Emitted): string[] {
  const found = new Set<string>();
  const compare = (holder: string, keys: object, names: ReadonlySet<string>): void => {
    for (const key of Object.keys(keys))
      if (!names.has(key) && !isOfTemplate(key, names))
        found.add(`${holder} has the undeclared attribute ${key}`);
  };
  for (const { eventName = "", attributes, resource = {} } of emitted.logRecords ?? []) {
    const names = declared.events.get(eventName);
    if (names === undefined) found.add(`the event ${JSON.stringify(eventName)} is not declared`);
    else compare(`the event ${eventName}`, attributes, names);
    compare("a resource", resource, declared.resource);
  }
  for (const { name, points } of emitted.metrics ?? []) {
    const names = declared.metrics.get(name);
    if (names === undefined) found.add(`the metric ${name} is not declared`);
    else for (const attributes of points) compare(`the metric ${name}`, attributes, names);
  }
  for (const resource of emitted.resources ?? []) compare("a resource", resource, declared.programResource);
  return [...found];
}

/** `container.label.app` is declared by the template `container.label`. */
function isOfTemplate(key: string, names: ReadonlySet<string>): boolean {
  return templates.some((name) => key.startsWith(`${name}.`) && names.has(name));
}

function groupOf(files: readonly TelemetryFile[], id: string): string[] {
  return files.flatMap(({ groups }) =>
    groups.filter((group) => group.id === id).flatMap((group) => refsOf(group.attributes)),
  );
}

function refsOf(attributes: readonly { readonly ref: string }[]): string[] {
  return attributes.map(({ ref }) => ref);
}
