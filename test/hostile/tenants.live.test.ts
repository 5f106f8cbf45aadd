/** Whose doing something is, as BPF programs find it (bpf/include/tenant.h): no name and no depth makes another tenant. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";
import { liveTest } from "../live/live-test.ts";
import { waitUntil } from "../live/wait-until.ts";
import { makeMemoryCgroup, makeMemoryParent } from "../provoke/cgroup.ts";
import type { HostileRun } from "./hostile-run.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const object = new URL("../provoke/limit-turns.bpf.o", import.meta.url);
const user = (uid: number): bigint => (1n << 56n) | BigInt(uid);
const CONTAINER = (3n << 56n) | 7n;
const DEEP = 4n << 56n;

/** A second later, when answers that were given before do not hold any longer. */
async function assertTenant(
  loaded: LoadedObject,
  pid: number,
  expected: bigint,
  what: string,
): Promise<void> {
  using link = loaded.attach("find_tenants");
  let found: unknown;
  await waitUntil(`${what} to be tenant ${expected.toString(16)}, not ${String(found)}`, () => {
    link.iterate();
    found = loaded.map("tenant_of_process").lookup(pid);
    return found === expected ? true : undefined;
  }).catch(() => {
    assert.equal(found, expected, what);
  });
}

/** A script that says where it got to, and stays there. The last process of the line is the one that stays. */
async function stay(run: HostileRun): Promise<number> {
  const pid = await waitUntil("a process of the user's", () => /^pid (\d+)$/m.exec(run.out())?.[1]);
  return Number(pid);
}

const here = "echo pid $$; exec sleep 60";

const descend = (levels: number): string =>
  `path="$1"; for each in $(seq ${levels}); do path="$path/d"; mkdir -p "$path"; done
 echo $$ >"$path/cgroup.procs" && ${here}`;

liveTest(
  "a user without a container is one tenant: by its cgroups, and by its namespaces at any depth",
  async () => {
    await using daemon = makeMemoryCgroup(`/kerntel-test-${process.pid}-daemon`);
    await using attacker = await UnprivilegedUser.enter();
    using loaded = openObject(object).load();
    await using plain = attacker.shell(here, { limitMs: 60_000 });
    await assertTenant(loaded, await stay(plain), user(65_534), "a process in the user's cgroup");
    await assertTenant(loaded, process.pid, user(0), "this process");

    await attacker.requireUserNamespaces();
    // From a cgroup of root's: what a daemon does on behalf of the user.
    await using nested = attacker.shell(`unshare -U -r -n unshare -U -r -n sh -c '${here}'`, {
      limitMs: 60_000,
    });
    const pid = await stay(nested);
    daemon.write("cgroup.procs", String(pid));
    await assertTenant(loaded, pid, user(65_534), "a process two user namespaces below");
  },
);

liveTest(
  "a user that nests cgroups shares one bucket with all who do, and gets out of no container",
  async () => {
    const name = `kerntel-test-${process.pid}-nested`;
    await using container = makeMemoryParent(`/${name}`);
    await using attacker = await UnprivilegedUser.enter({ cgroupPath: `/${name}/delegated` });
    using loaded = openObject(object).load();
    const { directory } = attacker.cgroup("memory");
    const start = (levels: number): HostileRun =>
      attacker.shell(descend(levels), { args: [directory], limitMs: 60_000 });
    await using shallow = start(20);
    await assertTenant(loaded, await stay(shallow), user(65_534), "20 levels below");
    await using deep = start(40);
    await assertTenant(loaded, await stay(deep), DEEP, "40 levels below");

    // Once user space says that the directory above is a container's root.
    const id = statSync(container.directory, { bigint: true }).ino;
    loaded.map("tenants").update(container.isVersion2 ? id : id | (1n << 63n), CONTAINER);
    await assertTenant(loaded, await stay(shallow), CONTAINER, "20 levels below a container");
  },
);
