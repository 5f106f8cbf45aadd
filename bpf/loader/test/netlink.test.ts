import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { describe, test } from "node:test";
import { ethtoolDriver, ethtoolLink, openRouteNetlink, watchLinks } from "../source/index.ts";
import type { RouteNetlink } from "../source/index.ts";
import { until } from "./fixture.ts";

/** Asked of the kernel and not of the user id: a container's root may not either. */
const canMake =
  spawnSync("ip", ["link", "add", `bl${process.pid}t`, "type", "veth", "peer", "name", `bl${process.pid}u`])
    .status === 0;
if (canMake) execFileSync("ip", ["link", "delete", `bl${process.pid}t`]);
const privileged = canMake ? {} : { skip: "this process may not make network interfaces" };

function batch(lines: readonly string[]): void {
  execFileSync("ip", ["-batch", "-"], { input: `${lines.join("\n")}\n` });
}

/** Of netlink only: what else this process has open comes and goes. */
function countNetlinkSockets(): number {
  const inodes = new Set(
    readFileSync("/proc/self/net/netlink", "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/).at(-1)),
  );
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return inodes.has(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? "none");
    } catch {
      return false; // the descriptor of the reading itself
    }
  }).length;
}

function openLinkGroup(): RouteNetlink {
  return openRouteNetlink({ groups: ["link"], onMessage: () => {}, onOverrun: () => {} });
}

describe("route netlink", () => {
  test("tells of every link that /proc/net/dev has", async () => {
    const names = new Set<string>();
    let isDone = false;
    using watch = watchLinks({
      onLink: ({ name }) => names.add(name),
      onGone: () => {},
      onSynchronized: () => {
        isDone = true;
      },
    });
    await until(() => isDone, "all links");
    assert.ok(names.has("lo"));
    assert.ok(watch instanceof Object);
  });

  test("after messages were lost the watch knows what there is", privileged, async () => {
    const name = `bl${process.pid}a`;
    const peer = `bl${process.pid}b`;
    const known = new Map<string, number>();
    const indexes = new Map<number, string>();
    let overruns = 0;
    let synchronized = 0;
    using watch = watchLinks(
      {
        onLink: (link) => {
          known.set(link.name, link.carrierChanges);
          indexes.set(link.index, link.name);
        },
        onGone: (index) => known.delete(indexes.get(index) ?? ""),
        onSynchronized: () => {
          synchronized++;
        },
        onOverrun: () => {
          overruns++;
        },
      },
      { receiveBufferBytes: 4096 },
    );
    await until(() => synchronized === 1, "the first look");
    try {
      // Nobody reads meanwhile: this thread waits for the child.
      const flaps = Array.from({ length: 50 }, () => [`link set ${peer} down`, `link set ${peer} up`]).flat();
      batch([`link add ${name} type veth peer name ${peer}`, `link set ${name} up`, ...flaps]);
      await until(() => overruns > 0 && synchronized > 1, "an overrun and a look after it");
      const counted = Number(readFileSync(`/sys/class/net/${name}/carrier_changes`, "utf8"));
      await until(() => known.get(name) === counted, "the latest state");
    } finally {
      batch([`link delete ${name}`]);
    }
    await until(() => !known.has(name) && !known.has(peer), "both ends gone");
    watch.refresh();
  });

  test("refuses a group that it does not know", () => {
    assert.throws(
      () => openRouteNetlink({ groups: ["lonk" as "link"], onMessage: () => {}, onOverrun: () => {} }),
      { code: "BPF_ARGUMENT_INVALID" },
    );
  });

  test("closes twice, and sends nothing after that", () => {
    const socket = openRouteNetlink({ groups: [], onMessage: () => {}, onOverrun: () => {} });
    socket.close();
    socket.close();
    assert.throws(() => socket.send(new Uint8Array(16)), { code: "BPF_CLOSED" });
  });

  test("leaves no descriptor behind", () => {
    const before = countNetlinkSockets();
    const one = openLinkGroup();
    assert.equal(countNetlinkSockets(), before + 1);
    one.close();
    for (let round = 0; round < 200; round++) openLinkGroup().close();
    assert.equal(countNetlinkSockets(), before);
  });
});

describe("ethtool", () => {
  test("says driver, speed and duplex of a pair of virtual links", privileged, () => {
    const name = `bl${process.pid}c`;
    const peer = `bl${process.pid}d`;
    batch([`link add ${name} type veth peer name ${peer}`, `link set ${name} up`, `link set ${peer} up`]);
    try {
      assert.equal(ethtoolDriver(name)?.driver, "veth");
      assert.deepEqual(ethtoolLink(name), { speedMegabits: 10_000, duplex: "full" });
    } finally {
      batch([`link delete ${name}`]);
    }
  });

  test("has no answer for what has no driver, or is not there", () => {
    for (const name of ["lo", "nobody-has-this", ""]) {
      assert.equal(ethtoolDriver(name), undefined);
      assert.equal(ethtoolLink(name), undefined);
    }
  });

  test("refuses a name with a NUL", () => {
    assert.throws(() => ethtoolDriver("lo\0x"), { code: "BPF_ARGUMENT_INVALID" });
  });
});
