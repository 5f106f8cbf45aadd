/** A user who makes network namespaces, one program in each, while a container has one and loses packets there. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { once } from "node:events";
import { randomBytes } from "node:crypto";
import { makeMemoryCgroup } from "../provoke/cgroup.ts";
import { RunningKerntel, readMetric } from "../live/running-kerntel.ts";
import { waitUntil } from "../live/wait-until.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

export interface NamespaceChurn {
  /** Programs that the user started, each in a network namespace of its own. */
  readonly made: number;
  /** `container.id` of the drops in the container's namespace: before the attack and after it. */
  readonly containerId: string;
  readonly before: unknown;
  readonly after: unknown;
  readonly metrics: string;
}

/** Two at a time, each as `unshare -Urn true` by hand. */
const churn = `
end=$(( $(date +%s) + $1 ))
make() { made=0; while [ "$(date +%s)" -lt "$end" ]; do for each in 1 2 3 4 5 6 7 8; do unshare -U -r -n true || exit 1; made=$((made + 1)); done; done; echo "$made"; }
make & make; wait
`;

/** In a namespace and a cgroup from its start: nothing is started there later. Sends a datagram that nobody takes for each line. */
const sender = `
const socket = require("dgram").createSocket("udp4");
process.stdin.on("data", () => socket.send("x", 9, "127.0.0.1", () => console.log("sent")));
console.log("ready");
`;

/** `durationMs`: in whole seconds. */
export async function attackByNamespaceChurn({
  durationMs,
  launcher,
}: {
  readonly durationMs: number;
  readonly launcher?: string;
}): Promise<NamespaceChurn> {
  const containerId = randomBytes(32).toString("hex");
  await using user = await UnprivilegedUser.enter();
  await user.requireUserNamespaces();
  await using cgroup = makeMemoryCgroup(`/kerntel-test-${process.pid}/docker/${containerId}`);
  await using kerntel = await RunningKerntel.start({
    events: "      dropwatch: { limit_per_second: 0, window_seconds: 0 }",
    ...(launcher === undefined ? {} : { launcher }),
  });
  await using container = await startContainer(cgroup.directory);
  const drop = async (count: number): Promise<unknown> => {
    await container.send();
    const line = await waitUntil(`drop ${count} of the container in the local log`, async () => {
      const lines = (await kerntel.look({ event: "kerntel.dropwatch" })).filter(({ attributes }) =>
        Object.values(attributes).includes(container.netnsInode),
      );
      return lines.toSorted((a, b) => (a.uid < b.uid ? -1 : 1)).at(count - 1);
    });
    return line.resource["container.id"];
  };
  const before = await drop(1);
  const run = user.shell(churn, {
    args: [String(Math.ceil(durationMs / 1_000))],
    limitMs: durationMs * 3 + 10_000,
  });
  const end = await run.ended;
  if (end.code !== 0) throw new Error(`the attack ended with ${end.code}: ${end.err}`);
  const made = end.out
    .trim()
    .split("\n")
    .reduce((sum, line) => sum + Number(line), 0);
  return { made, containerId, before, after: await drop(2), metrics: await kerntel.metrics() };
}

/** Of one user; the container's own, and what else runs on this machine. */
const MOST_KNOWN = 256 + 32;

/** Throws where the container's namespace was forgotten, or more of the user's is remembered than may be. */
export function checkNamespaces({ made, containerId, before, after, metrics }: NamespaceChurn): {
  readonly known: number;
  readonly evicted: number;
  readonly suppressed: number;
} {
  const read = (name: string, labels = ""): number => readMetric(metrics, `kerntel_${name}`).get(labels) ?? 0;
  const known = read("network_namespace_known");
  const evicted = read("table_evictions_total", '{kerntel_table_name="network_namespaces"}');
  const suppressed = read("cgroup_suppressed_changes_total");
  assert.deepEqual([before, after], [containerId, containerId]);
  assert.ok(known <= MOST_KNOWN, `${known} known`);
  assert.ok(known + evicted + suppressed >= made, "what is not known was counted");
  return { known, evicted, suppressed };
}

interface Container extends AsyncDisposable {
  readonly netnsInode: number;
  send(): Promise<void>;
}

async function startContainer(cgroupDirectory: string): Promise<Container> {
  const script =
    'echo $$ >"$0/cgroup.procs" && exec unshare --net sh -c \'ip link set lo up; readlink /proc/self/ns/net; exec "$@"\' sh "$@"';
  const child = spawn("sh", ["-c", script, cgroupDirectory, process.execPath, "-e", sender], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error("the container ended early");
    return line.value;
  };
  const netnsInode = Number((await next()).replaceAll(/\D/g, ""));
  await next();
  return {
    netnsInode,
    send: async () => {
      child.stdin.write("\n");
      await next();
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await once(child, "close");
    },
  };
}
