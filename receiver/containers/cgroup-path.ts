/** Paths of cgroups that had no room: `…/middle/leaf` lacks what is nearer to the root, `/top/…` the cgroup's own name. */

/** Stands for the names that are missing. */
const MISSING = "…";

/** Whether it is known that something is missing, also where nothing is known (`""`). */
export function isCutPath(path: string): boolean {
  return !path.startsWith("/") || path.endsWith(`/${MISSING}`);
}

/** Whether the cgroup that is known by one path may be the one that a record brought another of. */
export function isSamePath(known: string, brought: string): boolean {
  if (known === brought || endsAs(known, brought)) return true;
  // A whole path says more than a cut one: then it is what counts.
  return isCutPath(brought) && endsAs(brought, known);
}

function endsAs(path: string, cut: string): boolean {
  return cut === "" || (cut.startsWith(`${MISSING}/`) && path.endsWith(cut.slice(MISSING.length)));
}

/** The path below one that is known, or else the end of a path. `name`: `""` where it had no room. */
export function joinPath(parent: string | undefined, name: string): string {
  const leaf = name === "" ? MISSING : name;
  return parent === "/" ? `/${leaf}` : `${parent ?? MISSING}/${leaf}`;
}

/** From the hierarchy's root down. */
export function namesOf(path: string): string[] {
  return path.split("/").filter(Boolean);
}
