/**
 * Calls every function of the addon with everything that is not meant for it, before and after the thread that waits was started, and
 * writes as JSON what came of it. That it gets there is what the test is about.
 */
import { readFileSync } from "node:fs";
import { native } from "../../source/native.ts";
import { fixture } from "../fixture.ts";
import { handles, isAccepted, hostileValues } from "./hostile-values.ts";
import type { Kind } from "./hostile-values.ts";

type Call = (...values: readonly unknown[]) => unknown;
/** What a function takes, with a value that fits. */
type Prototype = readonly (readonly [kind: Kind, value: unknown])[];

const addon = native();
const image = readFileSync(fixture("hooks"));
const loadFixture = (name: string): unknown => {
  const object = addon.object_open(readFileSync(fixture(name)), name, null, null);
  for (const { name: program, section } of addon.object_describe(object).programs)
    if (section.startsWith("tracepoint/")) addon.object_set_autoload(object, program, false);
  addon.object_load(object);
  return object;
};

const opened = ["object", addon.object_open(image, "opened", null, null)] as const;
const hooks = ["object", loadFixture("hooks")] as const;
const maps = ["object", loadFixture("maps")] as const;
const rings = ["object", loadFixture("ring")] as const;
const closed = addon.object_open(image, "closed", null, null);
addon.object_close(closed);
const anId = ["id", 1] as const;
const bytes = (size: number) => ["bytes", new Uint8Array(size)] as const;
const optionalBytes = ["optional bytes", null] as const;
const text = (value: string) => ["text", value] as const;

// The first of each kind is passed everywhere, and so is closed by and by.
const spare = addon.object_open(image, "spare", null, null);
for (const object of [spare, opened[1], hooks[1], maps[1], rings[1], closed]) handles.object.add(object);
// Linux 6.1 attaches a program to a raw tracepoint only once.
for (const object of [hooks[1], loadFixture("hooks")]) {
  handles.link.add(addon.program_attach(object as never, "on_raw_tp"));
  handles.statistics.add(addon.statistics_enable());
  handles.timestamps.add(addon.timestamps_keep());
}

type Shared = "ring" | "netlink" | "kmsg" | "clock" | "link" | "statistics" | "timestamps";
const handle = (kind: Shared) => [kind, [...handles[kind]][1]] as const;
const words = (size: number) => [`words ${size}`, new Uint32Array(64)] as const;

/** Made anew for each pass: those that need the thread exist only in the second. */
function makePrototypes(): Record<string, Prototype> {
  return {
    object_open: [bytes(64), text("name"), ["optional text", null], optionalBytes],
    object_describe: [opened],
    object_set_autoload: [opened, text("on_clock"), ["boolean", true]],
    object_set_max_entries: [opened, text(".bss"), ["uint", 1]],
    object_share_map: [opened, text(".bss"), maps, text("array")],
    object_set_initial: [opened, text(".bss"), ["uint", 0], bytes(4)],
    object_load: [hooks],
    program_fd: [hooks, text("on_clock")],
    program_attach: [hooks, text("on_raw_tp")],
    program_run: [["int", 0], optionalBytes, ["uint", 1], optionalBytes],
    link_open_clock: [hooks, text("on_clock"), ["int", 0], ["id", 1_000_000_000], ["boolean", false]],
    link_iterate: [handle("link")],
    ring_open: [rings, text("ring"), anId],
    ring_read: [handle("ring"), bytes(4_096), words(0), words(2), words(4)],
    ring_positions: [handle("ring"), ["doubles", new Float64Array(2)]],
    ring_arm: [handle("ring")],
    ring_hold: [handle("ring")],
    ring_release: [handle("ring")],
    map_lookup: [maps, text("array"), bytes(4), bytes(8)],
    map_update: [maps, text("array"), bytes(4), bytes(8), ["uint", 0]],
    map_delete: [maps, text("by_number"), bytes(8)],
    map_next_key: [maps, text("array"), optionalBytes, bytes(4)],
    map_lookup_batch: [maps, text("array"), optionalBytes, bytes(4), bytes(64), bytes(64), ["uint", 8]],
    map_count_cpus: [],
    probe_attach: [
      text("raw_tp"),
      ["int", 17],
      ["int", 0],
      ["uint", 0],
      text("sched_process_exit"),
      ["int", 0],
    ],
    probe_list_types: [],
    probe_load_type: [["int", 17]],
    statistics_enable: [],
    statistics_read: [["int", 0]],
    clock_read: [["bigs", new BigUint64Array(4)]],
    clock_tick: [],
    clock_watch: [anId],
    clock_was_set: [handle("clock")],
    netlink_open: [words(0), ["int", 4_096], anId],
    netlink_read: [handle("netlink"), bytes(4_096)],
    netlink_send: [handle("netlink"), bytes(0)],
    netlink_arm: [handle("netlink")],
    netlink_hold: [handle("netlink")],
    netlink_release: [handle("netlink")],
    kmsg_open: [text("/dev/kmsg"), anId],
    kmsg_read: [handle("kmsg"), bytes(8_192)],
    kmsg_arm: [handle("kmsg")],
    ethtool_driver: [["bytes", Buffer.from("lo")]],
    ethtool_link: [["bytes", Buffer.from("lo")]],
    timestamps_keep: [],
    peer_credentials: [["int", 0]],
    peer_tcp_user: [["int", 0]],
    filter_compile: [text("tcp"), ["int", 1], ["int", 65_535]],
    // These end what the others use.
    ring_listen: [["function", () => {}]],
    ring_close: [handle("ring")],
    netlink_close: [handle("netlink")],
    kmsg_close: [handle("kmsg")],
    clock_unwatch: [handle("clock")],
    link_close: [handle("link")],
    statistics_disable: [handle("statistics")],
    timestamps_release: [handle("timestamps")],
    object_close: [["object", closed]],
  };
}

let calls = 0;
const wrong: string[] = [];
const untested = new Set(Object.keys(addon));

/** Where an argument does not fit, a TypeError; else whatever it answers. */
function call(name: string, prototype: Prototype, values: readonly unknown[]): void {
  calls += 1;
  const isFit = prototype.every(([kind], index) => isAccepted(kind, values[index]));
  let thrown: unknown;
  try {
    (addon as unknown as Record<string, Call>)[name]?.(...values);
  } catch (error) {
    thrown = error;
  }
  if (thrown !== undefined && !(thrown instanceof Error)) wrong.push(`${name} threw what is no error`);
  if (!isFit && !(thrown instanceof TypeError))
    wrong.push(`${name}(${values.map((value) => typeof value).join()}) threw ${String(thrown)}`);
}

function callAll(): void {
  for (const [name, prototype] of Object.entries(makePrototypes())) {
    untested.delete(name);
    const fitting = prototype.map(([, value]) => value);
    const isListening = handles.ring.size > 0;
    for (const value of hostileValues()) {
      // A listener would be taken, and the first pass is about what happens before there is one.
      if (name === "ring_listen" && !isListening && typeof value === "function") continue;
      for (let count = 0; count <= prototype.length + 1; count++)
        call(
          name,
          prototype,
          Array.from({ length: count }, () => value),
        );
      for (const index of fitting.keys()) call(name, prototype, fitting.with(index, value));
    }
    if (isListening) call(name, prototype, fitting);
  }
}

callAll();
addon.ring_listen(() => {});
for (let id = 1; id < 9; id += 4) {
  handles.ring.add(addon.ring_open(rings[1] as never, "ring", id));
  handles.netlink.add(addon.netlink_open(new Uint32Array(0), 4_096, id + 1));
  handles.kmsg.add(addon.kmsg_open("/dev/kmsg", id + 2));
  handles.clock.add(addon.clock_watch(id + 3));
}
callAll();
const answer = { calls, wrong, untested: [...untested] };
process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit(0));
