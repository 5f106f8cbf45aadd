/** What it costs to find out who a record is about, and to remember it: with few cgroups and with as many as there may be. */
import { CgroupDirectory } from "./cgroup-directory.ts";
import { NetworkNamespaces } from "./network-namespaces.ts";
import { rootMade } from "./fixtures/made-directories.ts";

const LOOKUPS = 1_000_000;
const counts = [100, 16_384];

function pathOf(cgroup: number): string {
  const pod = `0e1c7a52_8f7b_4f6e_9a53_${cgroup.toString(16).padStart(12, "0")}`;
  const id = cgroup.toString(16).padStart(64, "0");
  return `/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod${pod}.slice/cri-containerd-${id}.scope`;
}

function measure(name: string, lookups: number, look: (index: number) => unknown): void {
  for (let index = 0; index < lookups / 10; index++) look(index);
  const start = process.hrtime.bigint();
  for (let index = 0; index < lookups; index++) look(index);
  const eachNs = Number(process.hrtime.bigint() - start) / lookups;
  process.stdout.write(`${name.padEnd(48)}${eachNs.toFixed(0).padStart(8)} ns\n`);
}

function collectGarbage(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

for (const count of counts) {
  const heapBefore = collectGarbage();
  const directory = new CgroupDirectory([4, 0]);
  const namespaces = new NetworkNamespaces();
  for (let cgroup = 0; cgroup < count; cgroup++) {
    directory.add(rootMade(4, BigInt(cgroup), pathOf(cgroup)));
    directory.remove(4, BigInt(cgroup));
  }
  const perCgroup = (collectGarbage() - heapBefore) / count;
  const paths = Array.from({ length: 100 }, (_, index) => pathOf(index));
  for (const [index, path] of paths.entries()) {
    const cgroup = directory.find(BigInt(index), path);
    if (cgroup === undefined) continue;
    const cookie = BigInt(index + 1);
    const pair = { cookie, cgroupId: BigInt(index), ownerUid: 0 };
    namespaces.add({ inode: index, cookie }, { cgroup, startTime: 0, pair });
  }
  measure(`cgroup by id, of ${count}`, LOOKUPS, (index) => directory.find(BigInt(index % 100), "")?.resolved);
  measure(
    `cgroup by id and path, of ${count}`,
    LOOKUPS,
    (index) => directory.find(BigInt(index % 100), paths[index % 100] ?? "")?.resolved,
  );
  measure(
    `network namespace, with ${count} cgroups`,
    LOOKUPS,
    (index) => namespaces.find({ inode: index % 100, cookie: BigInt((index % 100) + 1) }).resolved,
  );
  process.stdout.write(
    globalThis.gc === undefined
      ? "memory: run with node --expose-gc\n"
      : `${`memory for each of ${count} cgroups of pods`.padEnd(48)}${perCgroup.toFixed(0).padStart(8)} bytes\n`,
  );
}
