/** Which plug-ins a file names: they must be loaded before it can be checked, because their settings are in it too. */
import { parseConfigDocument } from "./document.ts";
import type { Mistake } from "./mistake.ts";
import { readText } from "./read-text.ts";

export interface NamedPlugin {
  /** Absolute path of its folder. */
  readonly path: string;
  /** A mistake at its line. */
  readonly mistake: (problem: string) => Mistake;
}

const place = ["distribution", "kerntel", "plugins"];

/** None where the file cannot be read or its list is not one of paths: `readConfig` says so, with everything else. */
export function readPluginPaths(path: string, environment: NodeJS.ProcessEnv): readonly NamedPlugin[] {
  let read: ReturnType<typeof readText>;
  try {
    read = readText(path);
  } catch {
    return [];
  }
  if ("problem" in read) return [];
  const document = parseConfigDocument({
    text: read.text,
    file: path,
    environment,
    showKey: (key) => (place.includes(key) ? key : "…"),
  });
  const listed = place.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined,
    document.value,
  );
  if (
    !Array.isArray(listed) ||
    !listed.every((each): each is string => typeof each === "string" && each.startsWith("/"))
  )
    return [];
  return listed.map((each, index) => ({
    path: each,
    mistake: (problem) => document.mistake([...place, index], problem),
  }));
}
