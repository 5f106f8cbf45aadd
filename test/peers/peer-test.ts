/** Tests against real programs. Where one cannot be had they are skipped with the reason; in CI it must be there. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";

export type PeerName = "collector" | "elasticsearch";

const made = join(import.meta.dirname, "../../build/peers");
/** A test may be slow on a loaded machine, but one that hangs must end. */
const TIMEOUT_MS = 300_000;

/** Where set-up put the peer. */
export function peerDirectory(name: PeerName): string {
  return join(made, name);
}

export function peerTest(
  name: PeerName,
  title: string,
  run: (context: TestContext) => Promise<void> | void,
): void {
  const reason = findReasonToSkip(name);
  const isToolMissing = reason !== false && reason.startsWith("not on this machine");
  if (reason !== false && process.env["CI"] === "true" && !isToolMissing)
    void test(title, () => Promise.reject(new Error(`${name}: ${reason}`)));
  else void test(title, { skip: reason && `${name}: ${reason}: NOT TESTED`, timeout: TIMEOUT_MS }, run);
}

function findReasonToSkip(name: PeerName): string | false {
  if (existsSync(peerDirectory(name))) return false;
  const missing = `${peerDirectory(name)}.missing`;
  return existsSync(missing)
    ? readFileSync(missing, "utf8").trim()
    : "not set up; test/peers/prepare.sh does it";
}
