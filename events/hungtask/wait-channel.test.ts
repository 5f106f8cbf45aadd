import assert from "node:assert/strict";
import { test } from "node:test";
import { findWaitChannel } from "./wait-channel.ts";

const cases: readonly [what: string, stack: readonly string[], expected: string | undefined][] = [
  ["a frozen file system", ["percpu_rwsem_wait+0x15f", "mnt_want_write+0x96"], "mnt_want_write"],
  [
    "the same on 6.1",
    ["__schedule+0x1", "schedule+0x5", "percpu_rwsem_wait+0x1", "__percpu_down_read+0x2", "vfs_write+0x3"],
    "vfs_write",
  ],
  [
    "a mutex",
    [
      "schedule_preempt_disabled+0x1",
      "__mutex_lock.constprop.0+0x2",
      "__mutex_lock_slowpath+0x3",
      "mutex_lock+0x4",
      "fdget_pos+0x82",
    ],
    "fdget_pos",
  ],
  [
    "a read-write semaphore",
    ["rwsem_down_write_slowpath+0x1", "down_write+0x2", "do_unlinkat+0x3"],
    "do_unlinkat",
  ],
  [
    "a disk",
    [
      "io_schedule+0x1",
      "bit_wait_io+0x2",
      "__wait_on_bit+0x3",
      "out_of_line_wait_on_bit+0x4",
      "ext4_read_bh_lock+0x5",
    ],
    "ext4_read_bh_lock",
  ],
  ["a page", ["io_schedule+0x1", "folio_wait_bit_common+0x2"], "folio_wait_bit_common"],
  [
    "a completion",
    ["schedule_timeout+0x1", "__wait_for_common+0x2", "wait_for_completion+0x3", "kthread_stop+0x4"],
    "kthread_stop",
  ],
  ["a function of a module", ["schedule+0x1", "rpc_wait_bit_killable+0x2 [sunrpc]"], "rpc_wait_bit_killable"],
  ["a function that only begins like a way to wait", ["schedule+0x1", "downgrade_it+0x2"], "downgrade_it"],
  ["numbers", ["0xffffffff81234567"], undefined],
  ["nothing", [], undefined],
];

for (const [what, stack, expected] of cases) {
  test(`the place that waits is found behind ${what}`, () => {
    assert.equal(findWaitChannel(stack.join("\n")), expected);
  });
}
