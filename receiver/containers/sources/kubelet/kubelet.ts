/** The kubelet's list of the node's pods: init, ephemeral, waiting and ended containers too, and the ones before a crash. */
import { readFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { getList } from "../http.ts";
import { PodList } from "./kubelet-pods.ts";
import type { KnownPods } from "./kubelet-pods.ts";
import type { LabelChoice, Source, Wanted, Told } from "../source.ts";

export interface KubeletOptions {
  /** Without a path. */
  readonly endpoint: string;
  /** Read again for each question: it is renewed while the program runs. */
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly insecureSkipVerify: boolean;
  readonly labels: LabelChoice;
}

/** A list is made for the whole node: what several cgroups want is asked once. */
const FRESH_MS = 1_000;
/** One that lacks a container may have it soon. */
const FRESH_WITHOUT_MS = 50;

export function openKubelet(options: KubeletOptions): Source {
  const { hostname, port, protocol } = new URL(options.endpoint);
  const agent = new (protocol === "https:" ? HttpsAgent : HttpAgent)({ keepAlive: true, maxSockets: 1 });
  let latest: { pods: KnownPods; atMs: number } | undefined;

  const fetchPods = async (signal: AbortSignal): Promise<KnownPods> => {
    // In the clear it would be everybody's, and the port that speaks so asks for none.
    const isSecret = protocol === "https:" && options.tokenFile !== undefined;
    const token = !isSecret ? "" : (await readFile(options.tokenFile, "utf8")).trim();
    const ca = options.caFile === undefined ? undefined : await readFile(options.caFile, "utf8");
    const list = new PodList(options.labels);
    const status = await getList(
      protocol,
      {
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port,
        path: "/pods",
        agent,
        ...(ca === undefined ? {} : { ca }),
        rejectUnauthorized: !options.insecureSkipVerify,
        ...(token === "" ? {} : { headers: { authorization: `Bearer ${token}` } }),
      },
      { signal, onChunk: (chunk) => list.take(chunk) },
    );
    if (status !== 200) throw new Error(`the kubelet answered ${status}`);
    return list.finish();
  };

  return {
    find: async (wanted, signal) => {
      if (wanted.every(({ containerIds }) => containerIds.length === 0)) return [];
      const isWhole = wanted.every(({ containerIds }) =>
        containerIds.every((id) => latest?.pods.containers.has(id)),
      );
      const freshMs = isWhole ? FRESH_MS : FRESH_WITHOUT_MS;
      if (latest === undefined || performance.now() - latest.atMs > freshMs)
        latest = { pods: await fetchPods(signal), atMs: performance.now() };
      const { pods } = latest;
      return wanted.flatMap((cgroup) => match(cgroup, pods));
    },
    close: () => {
      agent.destroy();
    },
  };
}

/**
 * The list has a container a second or two after it was started, and a sandbox never; until then the pod in the path
 * tells whose it is. The kubelet names neither a cgroup nor a pid, but the pod, which has to be that of the path.
 */
function match({ containerIds, podUid }: Wanted, { containers, pods }: KnownPods): Told[] {
  const known = containerIds.flatMap((containerId) => {
    const attributes = containers.get(containerId);
    if (attributes === undefined) return [];
    return [{ containerId, attributes, evidence: { podUid: attributes["k8s.pod.uid"] } }];
  });
  if (known.length > 0) return known;
  const attributes = pods.get(podUid ?? "");
  if (attributes === undefined) return [];
  return [{ containerId: containerIds[0], attributes, evidence: { podUid }, isPartial: true }];
}
