/** Interfaces that are not watched: by name with `*` and `?`, or by kind as `kind:veth`. */
import type { NetworkLink } from "#receiver/tracing/contract.ts";

const KIND = "kind:";

/** What comes and goes with every container, and what has no link. */
export const defaultDeny: readonly string[] = ["lo", "kind:veth", "kind:dummy", "kind:ifb", "kind:nlmon"];

export function compileDenyList(
  entries: readonly string[],
): (link: Pick<NetworkLink, "name" | "kind">) => boolean {
  const kinds = new Set(
    entries.filter((entry) => entry.startsWith(KIND)).map((entry) => entry.slice(KIND.length)),
  );
  const names = entries.filter((entry) => !entry.startsWith(KIND)).map(toPattern);
  return ({ name, kind }) => kinds.has(kind) || names.some((pattern) => pattern.test(name));
}

function toPattern(glob: string): RegExp {
  const source = glob
    .replaceAll(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  // A name may have any character, also one that ends a line.
  return new RegExp(`^${source}$`, "su");
}
