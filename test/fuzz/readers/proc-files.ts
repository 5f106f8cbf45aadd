/** Files of /proc that are read as text. */
import assert from "node:assert/strict";
import { readBondFile } from "#events/bonding_lacp/bond-file.ts";
import { findHierarchies, findTaskHierarchy } from "#receiver/containers/walk-cgroups.ts";
import { parseKallsyms } from "#bpf/loader/source/kallsyms.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const symbols = `ffffffff81000000 T _text
ffffffff81000040 t run_init_process
ffffffff81000140 W __weak_one
ffffffff82000000 D data_of_the_kernel
ffffffffc0000000 t module_init	[veth]
ffffffffc0000100 t bpf_prog_6deef7357e7b4530_name	[bpf]
`;
const mounts = `24 30 0:22 / /sys rw - sysfs sysfs rw
30 24 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
31 24 0:27 / /sys/fs/cgroup/mem\\040ory rw - cgroup cgroup rw,memory
`;
const controllers =
  "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t3\t1\t1\nmemory\t4\t9\t1\npids\t0\t1\t1\n";
const bond = `Ethernet Channel Bonding Driver: v6.12

Bonding Mode: IEEE 802.3ad Dynamic link aggregation

Slave Interface: eth1
MII Status: up
Actor Churn State: none
Partner Churn State: churned
details partner lacp pdu:
    system mac address: 02:00:00:00:00:09
    oper key: 15
    port number: 1
`;

export const kallsyms: FuzzedReader = {
  name: "kallsyms",
  seeds: () => [Buffer.from(symbols)],
  read(bytes) {
    const table = parseKallsyms(Buffer.from(bytes));
    assert.equal(table.nameOffsets.length, table.addresses.length + 1);
    for (let index = 1; index < table.addresses.length; index++)
      assert.ok((table.addresses[index] ?? 0n) >= (table.addresses[index - 1] ?? 0n), "addresses ascend");
    for (const module of table.moduleOf) assert.ok(module < table.modules.length, "a module has a name");
    return table.addresses.length === 0;
  },
};

export const mountTable: FuzzedReader = {
  name: "mount-table",
  seeds: () => [Buffer.from(mounts)],
  read(bytes) {
    const text = Buffer.from(bytes).toString("utf8");
    const task = findTaskHierarchy(text, () => controllers);
    const found = findHierarchies(task, text, () => controllers);
    // What is read as a table of mounts may as well be read as a table of controllers.
    findHierarchies(
      findTaskHierarchy(mounts, () => text),
      mounts,
      () => text,
    );
    for (const { directory } of found) assert.notEqual(directory, "");
    return found.length === 0;
  },
};

export const bondFile: FuzzedReader = {
  name: "bond-file",
  seeds: () => [Buffer.from(bond)],
  read(bytes) {
    const ports = readBondFile(Buffer.from(bytes).toString("utf8"));
    for (const { partnerKey, partnerPort } of ports.values())
      for (const value of [partnerKey, partnerPort])
        assert.ok(value === undefined || Number.isSafeInteger(value), "keys and ports are 16-bit numbers");
    return ports.size === 0;
  },
};
