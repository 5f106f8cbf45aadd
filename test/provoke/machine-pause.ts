/** The machine that the tests run in stands still for a while, and its clocks do not. */
import { writeFileSync } from "node:fs";
import { isDisposable } from "../live/kernel-note.ts";
import type { GuestPause } from "../vm/guest-line.ts";
import { CannotProvokeError } from "./cannot-provoke.ts";

/** The second serial port, which the host reads (`test/vm/guest/init`). */
const port = "/dev/ttyS1";

/** Returns before the pause: the host has to read of it first. */
export function pauseMachine(durationMs: number): void {
  if (!isDisposable)
    throw new CannotProvokeError("only a virtual machine of the tests can be stopped by them");
  const line: GuestPause = { type: "pause", durationMs };
  writeFileSync(port, `${JSON.stringify(line)}\n`);
}
