/** Packets that hardware drops: a switch of our own (modules/kerntel-switch.c) shows them as a real one's driver does. */
import { globSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { loadOwnModule } from "./own-module.ts";

/** What the switch puts into each packet, and where it says it is. */
export const trapped = {
  source: "192.0.2.1",
  sourcePort: 4711,
  destination: "192.0.2.2",
  destinationPort: 9,
  lengthBytes: 35,
  device: "kerntel-switch",
} as const;

/** Returns the name of the switch's port. Throws `CannotProvokeError` outside of virtual machines. */
export function makeSwitch(): string {
  loadOwnModule("kerntel-switch");
  const [path] = globSync("/sys/class/net/kswitch*");
  if (path === undefined) throw new Error("the switch has no port");
  return basename(path);
}

/** So many packets that a trap of this type brought to the kernel; all of them are told when it returns. */
export function trapPackets(type: "drop" | "exception" | "control", count: number): void {
  writeFileSync("/sys/module/kerntel_switch/parameters/report", `${type} ${count}`);
}
