/** One concept has one name: two events do not define the same last word, unless one says in a line what is different. */
import type { TelemetryFile } from "./definition.ts";
import { placeOf } from "./places.ts";
import { programPath } from "./read-telemetry.ts";
import { standardAttributes } from "./standard-attributes.ts";

interface Definition {
  readonly name: string;
  readonly words: readonly string[];
  /** Path of the file: the program's is shared by all events. */
  readonly path: string;
  readonly place: string;
  readonly differs: string | undefined;
}

/** Sentences with their place; empty when the files keep the rule. */
export function checkLastWords(files: readonly TelemetryFile[]): string[] {
  const events = files.filter(({ path }) => path !== programPath).flatMap(definitionsOf);
  const shared = sharedNames(files);
  return [...checkConcepts(events, shared), ...checkWords(events, shared), ...files.flatMap(checkExcuses)];
}

/** Last words that a new event would need an excuse for. */
export function takenLastWords(files: readonly TelemetryFile[]): ReadonlySet<string> {
  const events = files.filter(({ path }) => path !== programPath).flatMap(definitionsOf);
  return new Set([...events.map(({ name }) => name), ...sharedNames(files)].map(lastWordOf));
}

function lastWordOf(name: string): string {
  return name.slice(name.lastIndexOf(".") + 1);
}

function definitionsOf(file: TelemetryFile): Definition[] {
  const excuses = new Map(
    file.events.flatMap(({ annotations }) => Object.entries(annotations.kerntel.differs ?? {})),
  );
  return file.attributes.map(({ key }, index) => ({
    name: key,
    words: key.split("."),
    path: file.path,
    place: placeOf(file, ["attributes", index, "key"]),
    differs: excuses.get(lastWordOf(key)),
  }));
}

/** An excuse for a word that the event does not define. */
function checkExcuses(file: TelemetryFile): string[] {
  const words = new Set(file.attributes.map(({ key }) => lastWordOf(key)));
  return file.events.flatMap(({ annotations }, index) =>
    Object.keys(annotations.kerntel.differs ?? {})
      .filter((word) => !words.has(word))
      .map((word) => {
        const place = placeOf(file, ["events", index, "annotations", "kerntel", "differs", word]);
        return `${place}: no attribute of this event ends in ${word}: differs says nothing`;
      }),
  );
}

/** The program's attributes that records of events have; its other ones are labels of its own metrics. */
function sharedNames(files: readonly TelemetryFile[]): string[] {
  const used = new Set(
    files.flatMap(({ events }) => events.flatMap(({ attributes }) => attributes)).map(({ ref }) => ref),
  );
  return files
    .filter(({ path }) => path === programPath)
    .flatMap(({ attributes }) => attributes.map(({ key }) => key))
    .filter((key) => used.has(key));
}

/** `cgroup.id` or `process.pid`, at whatever depth, is never an event's own: a role goes in front. */
function checkConcepts(events: readonly Definition[], shared: readonly string[]): string[] {
  const concepts = new Map(
    [...standardAttributes.keys(), ...shared].map((name) => [conceptOf(name.split(".")), name]),
  );
  return events.flatMap(({ name, words, place }) => {
    const known = words.length > 3 ? concepts.get(conceptOf(words)) : undefined;
    if (known === undefined) return [];
    const role = `kerntel.${words.slice(2).join(".")}`;
    return [`${place}: ${name} says what ${known} says: refer to that, or define ${role} in ${programPath}`];
  });
}

function conceptOf(words: readonly string[]): string {
  return words.slice(-2).join(".");
}

function checkWords(events: readonly Definition[], shared: readonly string[]): string[] {
  const sharedWords = new Map(shared.map((name) => [lastWordOf(name), name]));
  const groups = Map.groupBy(events, ({ name }) => lastWordOf(name));
  return [...groups].flatMap(([word, definitions]) => checkWord(definitions, sharedWords.get(word)));
}

/** The shared attribute, or else the first file that says nothing of a difference, has the word for itself. */
function checkWord(definitions: readonly Definition[], shared: string | undefined): string[] {
  const owner = definitions.find(({ differs }) => differs === undefined);
  const isAlone = shared === undefined && new Set(definitions.map(({ path }) => path)).size === 1;
  return definitions.flatMap(({ name, path, place, differs }) => {
    if (isAlone)
      return differs === undefined
        ? []
        : [`${place}: no other event has the last word of ${name}: differs says nothing`];
    if (differs !== undefined || (shared === undefined && path === owner?.path)) return [];
    return [
      `${place}: ${name} ends as ${shared ?? owner?.name} does: share one attribute in ${programPath}, ` +
        `or say what differs by annotations: { kerntel: { differs: { ${lastWordOf(name)}: … } } }`,
    ];
  });
}
