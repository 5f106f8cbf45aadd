import assert from "node:assert/strict";
import { test } from "node:test";
import { knownAttributes } from "./known-attributes.ts";

test("zero, the empty text and (uid_t)-1 are no values where they stand for unknown, and nowhere else", () => {
  const unknown = {
    "kerntel.network.namespace.inode": 0,
    "kerntel.network.namespace.cookie": "0",
    "kerntel.network.interface.index": 0,
    "kerntel.trigger.cgroup.id": "0",
    "kerntel.trigger.cgroup.path": "",
    "kerntel.memory_cgroup.id": "0",
    "kerntel.memory_cgroup.path": "",
    "kerntel.holder.thread.name": "",
    "source.port": 0,
    "network.peer.port": 0,
    "source.address": "",
    "network.interface.name": "",
    "thread.name": "",
    "kerntel.socket.user.id": 4_294_967_295,
    "process.real_user.id": 4_294_967_295,
    "error.type": undefined,
  };
  const known = {
    "kerntel.network.namespace.inode": 4_026_531_840,
    "kerntel.network.namespace.cookie": "1",
    "kerntel.socket.user.id": 0,
    "kerntel.duration": 0,
    "kerntel.trigger.process.pid": 0,
    "cpu.logical_number": 0,
    "process.pid": 0,
    "thread.id": 0,
    "kerntel.netdev_link.port.active": false,
    "kerntel.netdev_txqueue_timeout.queue": 0,
    "kerntel.packet.length": 0,
    "hw.firmware_version": "",
    "destination.port": 9,
  };
  assert.deepEqual(knownAttributes({ ...unknown, ...known }), known);
});
