import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findHierarchies, findTaskHierarchy, walkCgroups } from "./walk-cgroups.ts";

const unified = "35 24 0:30 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate";
const hybrid = [
  "33 32 0:29 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw",
  "34 32 0:30 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd",
  "37 32 0:33 / /sys/fs/cgroup/memory rw shared:16 - cgroup cgroup rw,memory",
  "38 32 0:34 / /sys/fs/cgroup/cpu,cpuacct rw shared:17 - cgroup cgroup rw,cpu,cpuacct",
].join("\n");

function controllers(
  ...lines: readonly (readonly [name: string, hierarchy: number, isEnabled: number])[]
): () => string {
  const rows = lines.map(([name, hierarchy, isEnabled]) => [name, hierarchy, 17, isEnabled].join("\t"));
  return () => ["#subsys_name\thierarchy\tnum_cgroups\tenabled", ...rows, ""].join("\n");
}

const memory = { number: 4, directory: "/sys/fs/cgroup/memory" };
const beside = { number: 0, directory: "/sys/fs/cgroup/unified" };
const cases: readonly [what: string, mounts: string, read: () => string, task: number, mounted: object[]][] =
  [
    ["version 2", unified, () => assert.fail("read"), 0, [{ number: 0, directory: "/sys/fs/cgroup" }]],
    ["both, memory on version 1", hybrid, controllers(["cpu", 5, 1], ["memory", 4, 1]), 4, [beside, memory]],
    ["both, memory on version 2", hybrid, controllers(["cpu", 5, 1], ["memory", 0, 1]), 0, [beside]],
    [
      "version 1 without the memory controller",
      hybrid,
      controllers(["cpu", 5, 1], ["memory", 0, 0], ["pids", 6, 1]),
      5,
      [beside, { number: 5, directory: "/sys/fs/cgroup/cpu,cpuacct" }],
    ],
  ];

test("a path with blanks, line breaks or backslashes is read as it is", () => {
  const mounts = "30 24 0:26 / /a\\040b\\134c\\012d rw - cgroup2 cgroup2 rw\n";
  assert.deepEqual(findHierarchies(0, mounts), [{ number: 0, directory: "/a b\\c\nd" }]);
});

test("a line without a mount point names no hierarchy", () => {
  assert.deepEqual(findHierarchies(0, "30 24 0:26 /  rw - cgroup2 cgroup2 rw\n - cgroup2 x rw\n"), []);
});

for (const [what, mounts, read, task, mounted] of cases) {
  test(`the hierarchies that records speak of are found on ${what}`, () => {
    assert.equal(findTaskHierarchy(mounts, read), task);
    assert.deepEqual(findHierarchies(task, mounts, read), mounted);
  });
}

test("a part of a hierarchy is not taken for the whole", async () => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-walk-"));
  try {
    await walkCgroups({ number: 0, directory }, () => assert.fail("told"));
  } finally {
    rmSync(directory, { recursive: true });
  }
});
