/** Names of telemetry as names of TypeScript. */

/** `kerntel.oom.kills` becomes `kerntelOomKills`. */
export function identifierOf(name: string): string {
  const pascal = typeNameOf(name);
  return pascal.charAt(0).toLowerCase() + pascal.slice(1);
}

/** `kerntel.oom` becomes `KerntelOom`. */
export function typeNameOf(name: string): string {
  return name
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}
