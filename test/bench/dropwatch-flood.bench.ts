/**
 * A flood of drops against the whole program: every one must be in the metric and in a summary. Frames of an unknown
 * protocol on the loopback of a network namespace of their own, from one process.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findTools } from "#bpf/compile/find-tools.ts";
import { RunningKerntel, readMetric } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";

const FRAMES = 5_000_000;
const source = new URL("flood.c", import.meta.url).pathname;
const sender = join(tmpdir(), `kerntel-flood-${process.pid}`);

async function countTold(kerntel: RunningKerntel, netnsInode: number): Promise<number> {
  const lines = await kerntel.stored({ event: "kerntel.dropwatch" });
  return lines
    .filter(({ attributes }) => attributes["kerntel.network.namespace.inode"] === netnsInode)
    .reduce((total, { attributes }) => total + Number(attributes["kerntel.count"] ?? 0), 0);
}

async function flood(kerntel: RunningKerntel): Promise<void> {
  const command = ["--net", "sh", "-c", `ip link set lo up && exec "${sender}" ${FRAMES}`];
  const [sent = 0, tookNs = 0, inode = 0] = execFileSync("unshare", command, { encoding: "utf8" })
    .split(" ")
    .map(Number);
  const rate = Math.round(sent / (tookNs / 1e9));
  process.stdout.write(`${sent} frames dropped at ${rate.toLocaleString("en")} a second\n`);
  const told = await waitUntil("every drop in a summary", async () => {
    const count = await countTold(kerntel, inode);
    return count >= sent ? count : undefined;
  });
  const metrics = await kerntel.metrics();
  const counted = [...readMetric(metrics, "kerntel_dropwatch_packets_total").values()];
  const total = counted.reduce((sum, value) => sum + value, 0);
  const books = (await kerntel.reports()).get("dropwatch");
  process.stdout.write(
    `told by summaries: ${told}, so ${sent - told} lost; metric: ${total}, with the machine's other drops; ` +
      `ring_lost ${books?.["ring_lost"]}, suppressed ${books?.["suppressed"]}, missed ${books?.["missed"]}\n`,
  );
  assert.equal(told, sent);
  assert.ok(total >= sent);
}

try {
  execFileSync(findTools().clang, ["-O2", "-Wall", "-o", sender, source]);
  await using kerntel = await RunningKerntel.start({
    events: "      dropwatch: { window_seconds: 2 }\n      oom: { enabled: false }",
  });
  await flood(kerntel);
} finally {
  rmSync(sender, { force: true });
}
