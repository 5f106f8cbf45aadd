/**
 * Writes what a real kubelet answers to GET /pods: `node test/peers/kubelet/record-pods.ts FILE`, as root, with `kubelet`
 * in the path. It stands alone, without an API server, and has a containerd of ours start its pods.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getJson } from "#receiver/containers/sources/http.ts";
import { findFreePort } from "../../live/running-kerntel.ts";
import { waitUntil } from "../../live/wait-until.ts";
import { ContainedDaemon } from "../../provoke/contained-daemon.ts";
import { TestContainerd } from "../../provoke/containerd.ts";
import { removeCgroups } from "../../provoke/remove-cgroups.ts";
import { staticPods } from "./static-pods.ts";

const DEADLINE_MS = 120_000;
/** What a kubelet sets on its machine. */
const tunables = ["vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"].map(
  (name) => `/proc/sys/${name}`,
);

interface PodList {
  readonly items: readonly {
    readonly status: {
      readonly containerStatuses?: readonly {
        readonly name: string;
        readonly restartCount: number;
        readonly state: Readonly<Record<string, { readonly reason?: string } | undefined>>;
      }[];
    };
  }[];
}

function configure(folder: string, containerd: string, port: number): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address: "127.0.0.1",
    port,
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    containerRuntimeEndpoint: `unix://${containerd}`,
    staticPodPath: join(folder, "manifests"),
    podLogsDir: join(folder, "logs"),
    cgroupDriver: "cgroupfs",
    failSwapOn: false,
    enforceNodeAllocatable: [],
    makeIPTablesUtilChains: false,
    registerNode: false,
    localStorageCapacityIsolation: false,
  };
}

/** Whether everything that crashes waits for its next run, and what crashed once runs again. */
function isComplete({ items }: PodList): boolean {
  const statuses = items.flatMap(({ status }) => status.containerStatuses ?? []);
  const isCrashing = (name: string): boolean =>
    statuses.some(
      ({ name: each, restartCount, state }) =>
        each === name && restartCount > 1 && state["waiting"]?.reason === "CrashLoopBackOff",
    );
  const runsAgain = statuses.some(({ restartCount, state }) => restartCount > 0 && "running" in state);
  return isCrashing("worker") && isCrashing("hog") && runsAgain;
}

async function record(file: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-kubelet-"));
  mkdirSync(join(folder, "manifests"));
  for (const [index, pod] of staticPods.entries())
    writeFileSync(join(folder, "manifests", `${index}.json`), JSON.stringify(pod));
  const port = await findFreePort();
  const before = tunables.map((path) => readFileSync(path, "utf8"));
  try {
    await using containerd = await TestContainerd.start();
    writeFileSync(join(folder, "config"), JSON.stringify(configure(folder, containerd.socket, port)));
    const flags = [
      `--config=${join(folder, "config")}`,
      `--root-dir=${join(folder, "root")}`,
      `--cert-dir=${join(folder, "certificates")}`,
      "--hostname-override=node-1",
    ];
    await using kubelet = new ContainedDaemon("kubelet", flags, { folder });
    const agent = new Agent();
    const ask = async (): Promise<unknown> => {
      kubelet.check();
      const options = { hostname: "127.0.0.1", port, path: "/pods", rejectUnauthorized: false, agent };
      const { body } = await getJson("https:", options, AbortSignal.timeout(10_000));
      return isComplete(body as PodList) ? body : undefined;
    };
    const pods = await waitUntil("containers that crash", () => ask().catch(() => undefined), {
      deadlineMs: DEADLINE_MS,
    });
    writeFileSync(file, `${JSON.stringify(pods, null, 2)}\n`);
  } finally {
    for (const [index, path] of tunables.entries()) writeFileSync(path, before[index] ?? "");
    await removeCgroups("kubepods");
    rmSync(folder, { recursive: true });
  }
}

await record(process.argv[2] ?? "pods.json");
