/** Which events there are: each folder of `events/`, with what its own files declare. */
import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { typeNameOf } from "#receiver/telemetry/generate/names.ts";
import { readTelemetry } from "#receiver/telemetry/read-telemetry.ts";

export interface ListedEvent {
  readonly name: string;
  /** The function that `event.ts` exports. */
  readonly factory: string;
  /** In Markdown. */
  readonly summary: string;
  /** In Markdown. */
  readonly hook: string;
}

/** In order of name. Throws where a folder has no telemetry or no factory, or names a hook that its kernel half lacks. */
export function listEvents(root: string): ListedEvent[] {
  const folders = readdirSync(join(root, "events"), { withFileTypes: true });
  const names = folders.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const files = readTelemetry(root);
  return names.sort().map((name) => {
    const path = `events/${name}/telemetry.yaml`;
    const [event] = files.find((file) => file.path === path)?.events ?? [];
    if (event === undefined) throw new Error(`${path} must define the event kerntel.${name}`);
    const { summary = event.brief, hook } = event.annotations.kerntel;
    const hooks = readHooks(root, name);
    if (hook !== undefined) checkHook(path, hook, hooks);
    return {
      name,
      factory: findFactory(root, name),
      summary,
      hook: hook ?? hooks.map((each) => `\`${each}\``).join(", "),
    };
  });
}

function findFactory(root: string, name: string): string {
  const factory = `create${typeNameOf(name)}`;
  const path = `events/${name}/event.ts`;
  const [found] = globSync(path, { cwd: root });
  const text = found === undefined ? "" : readFileSync(join(root, found), "utf8");
  if (!new RegExp(`^export (async )?(function|const) ${factory}\\b`, "m").test(text))
    throw new Error(`${path} must export ${factory}, which creates the event`);
  return factory;
}

/** Places that the kernel half attaches to, in the order of its files. */
function readHooks(root: string, name: string): string[] {
  const paths = globSync(`events/${name}/*.{bpf.c,h}`, { cwd: root }).sort();
  const text = paths.map((path) => readFileSync(join(root, path), "utf8")).join("\n");
  return [...new Set([...text.matchAll(/\bSEC\("([a-z_]+\/\w+)"\)/g)].map(([, hook = ""]) => hook))];
}

/** `…` at the end of a hook stands for several of them. */
function checkHook(path: string, text: string, hooks: readonly string[]): void {
  for (const [, hook = ""] of text.matchAll(/`([a-z_]+\/\w+…?)`/g)) {
    const isThere = hooks.some(
      (each) => each === hook || (hook.endsWith("…") && each.startsWith(hook.slice(0, -1))),
    );
    if (!isThere) throw new Error(`${path}: the kernel half has no program at ${hook}`);
  }
}
