/** Kernel programs leave a field at zero that they could not fill: such a field is no value, and not reported as one. */

/**
 * Attributes that identify something and for which the kernel never gives out zero: inode numbers and cookies of
 * namespaces, indexes of interfaces, ids of cgroups, ports. (Process 0 exists: it is the idle task.)
 */
const neverZero = /(?:^|\.)(?:inode|cookie|index|port|(?:memory_)?cgroup\.id)$/;
/** Texts that cannot be empty where they are known. */
const neverEmpty = /(?:^|\.)(?:address|(?:memory_)?cgroup\.path|interface\.name|thread\.name)$/;
/** (uid_t)-1 belongs to nobody: INVALID_UID, include/linux/uidgid.h. */
const INVALID_UID = 0xffff_ffff;

type IsKnown = (value: unknown) => boolean;
const kinds: readonly (readonly [RegExp, IsKnown])[] = [
  [neverZero, (value) => value !== 0 && value !== "0" && value !== ""],
  [neverEmpty, (value) => value !== ""],
  [/(?:^|\.)(?:real_)?user\.id$/, (value) => value !== INVALID_UID],
];
const always: IsKnown = () => true;
/** By attribute: there are as many as all events declare. */
const checks = new Map<string, IsKnown>();

/** The attributes that have a value. */
export function knownAttributes(attributes: object): Record<string, never> {
  const known: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && checkOf(name)(value)) known[name] = value;
  return known as Record<string, never>;
}

function checkOf(name: string): IsKnown {
  let check = checks.get(name);
  if (check === undefined) {
    check = kinds.find(([pattern]) => pattern.test(name))?.[1] ?? always;
    checks.set(name, check);
  }
  return check;
}
