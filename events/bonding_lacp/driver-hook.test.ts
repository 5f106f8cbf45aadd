/** Bonds come and go; the kernel half is loaded and closed with them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventBpfOptions, LoadedEvent, TracingContext } from "#receiver/tracing/contract.ts";
import { DriverHook } from "./driver-hook.ts";

/** A kernel that takes the kernel half as long as `canHook`, and what the hook did. */
class FakeKernel {
  canHook = true;
  readonly done: string[] = [];
  readonly options: EventBpfOptions[] = [];
  readonly hook: DriverHook;

  constructor() {
    const context = {
      bpf: { load: (options: EventBpfOptions) => this.#load(options) },
      network: { namespace: () => ({ name: "net:[4026531840]", isHost: true }) },
      log: {
        info: () => {},
        warn: (message: string) => this.done.push(`warned: ${message.split(":", 1)[0] ?? ""}`),
      },
      attached: (hook: string) => this.done.push(hook),
    };
    this.hook = new DriverHook(context as unknown as TracingContext, () => {});
  }

  /** What was done since it was asked last. */
  takeDone(): string[] {
    return this.done.splice(0);
  }

  #load(options: EventBpfOptions): LoadedEvent {
    if (!this.canHook) throw new Error("no kprobes");
    this.options.push(options);
    return {
      hooks: ["kprobe/ad_rx_machine"],
      read: () => new Promise<void>((resolve) => options.until?.addEventListener("abort", () => resolve())),
      map: (name: string) => ({ delete: (key: number) => this.done.push(`deleted ${key} of ${name}`) }),
      [Symbol.dispose]: () => this.done.push("closed"),
    } as unknown as LoadedEvent;
  }
}

const hooked = "rtnetlink/link, kprobe/ad_rx_machine";

test("the driver is hooked with the first bond, and again after there was none", async () => {
  const kernel = new FakeKernel();
  const { hook } = kernel;
  assert.deepEqual(kernel.takeDone(), ["rtnetlink/link"]);
  hook.forget(3);
  hook.follow(true);
  hook.follow(true);
  hook.forget(3);
  assert.ok(hook.isOpen);
  assert.deepEqual(kernel.takeDone(), [hooked, "deleted 3 of told"]);
  hook.follow(false);
  assert.ok(!hook.isOpen);
  hook.follow(true);
  assert.deepEqual(kernel.takeDone(), ["rtnetlink/link", hooked]);
  await hook.ended();
  assert.deepEqual(kernel.takeDone(), ["closed", "closed"]);
  assert.equal(kernel.options.length, 2);
  for (const { constants, programs } of kernel.options) {
    assert.deepEqual(constants, { netns_inode: 4026531840 });
    assert.deepEqual(programs, ["ad_rx_machine"]);
  }
});

test("a driver that cannot be hooked is said once for each first bond, and costs nothing else", async () => {
  const kernel = new FakeKernel();
  const { hook } = kernel;
  kernel.canHook = false;
  hook.follow(true);
  hook.follow(true);
  hook.forget(3);
  assert.ok(!hook.isOpen);
  hook.follow(false);
  assert.deepEqual(kernel.takeDone(), ["rtnetlink/link", "warned: the bonding driver cannot be hooked"]);
  kernel.canHook = true;
  hook.follow(true);
  assert.deepEqual(kernel.takeDone(), [hooked]);
  await hook.ended();
  assert.deepEqual(kernel.takeDone(), ["closed"]);
});
