/** A switch of our own (modules/kerntel-switch.c): packets that it drops, and what its port negotiates. */
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
  tell("report", `${type} ${count}`);
}

/** What the port has negotiated; 0: nothing, the carrier is gone. */
export function setPortLink(speedMegabits: number, duplex: "half" | "full" = "full"): void {
  tell("link", `${speedMegabits} ${duplex}`);
}

/** The driver answers every query about its port with this error number from now on; 0: properly. */
export function failPortQueries(errorNumber: number): void {
  tell("failure", String(errorNumber));
}

function tell(parameter: string, value: string): void {
  writeFileSync(`/sys/module/kerntel_switch/parameters/${parameter}`, value);
}
