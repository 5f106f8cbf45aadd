/** Which test files run in a guest. */
import { globSync } from "node:fs";
import { basename, join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** Whatever loads programs. */
const guestTests = [
  "{events,receiver,test/live}/**/*.live.test.ts",
  // The other attackers ask nothing of a kernel that these do not.
  "test/hostile/{unprivileged-user,oom-storm,tenants}.live.test.ts",
  "bpf/loader/test/*.test.ts",
];
/** These need a compiler, npm or a process of their own, or ask nothing of the kernel that others do not, and take long for it. */
const elsewhere =
  /\/(?:pack|readme|leak|life-stages|open|profiler|scarce|worker|program\.live|bad-days\.live|reload\.live)\.test\.ts$/;

/**
 * Test files that run in a guest, relative to the root of the project; `only`: parts of names,
 * with commas, of those wanted.
 */
export function findGuestTests(only = ""): string[] {
  return globSync(guestTests, { cwd: root })
    .filter((path) => !elsewhere.test(path))
    .filter((path) => only.split(",").some((part) => basename(path).includes(part)))
    .sort();
}
