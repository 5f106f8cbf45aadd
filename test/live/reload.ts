/** A new configuration for a running program. */
import { readFileSync, writeFileSync } from "node:fs";
import type { RunningKerntel } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

/** Replaces a part of the file, sends SIGHUP and waits for the answer. */
export async function reload(kerntel: RunningKerntel, from: string, to: string): Promise<void> {
  writeFileSync(kerntel.configPath, readFileSync(kerntel.configPath, "utf8").replace(from, to));
  const before = countReloads(kerntel);
  process.kill(kerntel.pid, "SIGHUP");
  await waitUntil("the answer to SIGHUP", () => countReloads(kerntel) > before || undefined);
}

function countReloads({ err }: RunningKerntel): number {
  return err.split(/kerntel: (?:configuration read again|the configuration was not taken)/).length;
}
