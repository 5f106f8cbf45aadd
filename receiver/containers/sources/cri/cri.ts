/** The Container Runtime Interface of containerd and CRI-O: containers and sandboxes of pods, exited ones too. */
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { GrpcChannel } from "../grpc-channel.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels, readKubernetesLabels } from "../labels.ts";
import type { LabelChoice, Source, Told } from "../source.ts";
import { readInfo } from "./info.ts";

type Labels = Readonly<Record<string, string>>;

interface Sandbox {
  readonly id: string;
  readonly metadata: { readonly name: string; readonly uid: string; readonly namespace: string } | null;
  readonly labels: Labels;
}

interface Container {
  readonly id: string;
  readonly podSandboxId: string;
  readonly metadata: { readonly name: string; readonly attempt: number } | null;
  readonly image: { readonly image: string; readonly userSpecifiedImage: string } | null;
  readonly labels: Labels;
  readonly annotations: Labels;
}

const RUNTIME = "/runtime.v1.RuntimeService/";
const version = {
  method: `${RUNTIME}Version`,
  request: "cri.VersionRequest",
  response: "cri.VersionResponse",
};
const listSandboxes = {
  method: `${RUNTIME}ListPodSandbox`,
  request: "cri.ListRequest",
  response: "cri.ListPodSandboxResponse",
};
const listContainers = {
  method: `${RUNTIME}ListContainers`,
  request: "cri.ListRequest",
  response: "cri.ListContainersResponse",
};

const containerStatus = {
  method: `${RUNTIME}ContainerStatus`,
  request: "cri.ContainerStatusRequest",
  response: "cri.StatusResponse",
};
const sandboxStatus = {
  method: `${RUNTIME}PodSandboxStatus`,
  request: "cri.PodSandboxStatusRequest",
  response: "cri.StatusResponse",
};

/** Above this many at once one list of all is less work than a question for each. */
const SINGLE_QUESTIONS = 8;
const RESTARTS = "io.kubernetes.container.restartCount";

export function openCri(socket: string, labels: LabelChoice): Source {
  const channel = new GrpcChannel(socket, new URL("cri.proto", import.meta.url));
  let runtime: string | undefined;
  return {
    find: async (wanted, signal) => {
      const ids = [...new Set(wanted.flatMap(({ containerIds }) => containerIds))];
      if (ids.length === 0) return [];
      runtime ??= (await channel.call<{ runtimeName: string }>(version, {}, { signal })).runtimeName;
      const ask = filtersFor(ids);
      const [containers, sandboxes] = await Promise.all([
        listAll<Container>(channel, ask, signal),
        listSandboxesOf(channel, ask, signal),
      ]);
      const missing = containers
        .map(({ podSandboxId }) => podSandboxId)
        .filter((id) => !sandboxes.some((sandbox) => sandbox.id === id));
      sandboxes.push(
        ...(await listSandboxesOf(channel, missing.length > 0 ? filtersFor(missing) : [], signal)),
      );
      const told = describeAll({ ids, runtime, containers, sandboxes, labels });
      return addPlaces(channel, told, { signal, sandboxes: new Set(sandboxes.map(({ id }) => id)) });
    },
    close: () => {
      channel.close();
    },
  };
}

type Filters = readonly ({ readonly id: string } | undefined)[];

function filtersFor(ids: readonly string[]): Filters {
  return ids.length > SINGLE_QUESTIONS ? [undefined] : ids.map((id) => ({ id }));
}

async function listAll<Item>(channel: GrpcChannel, filters: Filters, signal: AbortSignal): Promise<Item[]> {
  const answers = await Promise.all(
    filters.map((filter) =>
      channel.call<{ containers: readonly Item[] }>(listContainers, filter ? { filter } : {}, { signal }),
    ),
  );
  return answers.flatMap(({ containers }) => containers);
}

async function listSandboxesOf(
  channel: GrpcChannel,
  filters: Filters,
  signal: AbortSignal,
): Promise<Sandbox[]> {
  const answers = await Promise.all(
    filters.map((filter) =>
      channel.call<{ items: readonly Sandbox[] }>(listSandboxes, filter ? { filter } : {}, { signal }),
    ),
  );
  return answers.flatMap(({ items }) => items);
}

interface Known {
  readonly signal: AbortSignal;
  readonly sandboxes: ReadonlySet<string>;
}

/** The lists do not say where a container is; the status of one does, in what the runtime adds for debugging. */
async function addPlaces(
  channel: GrpcChannel,
  told: readonly Told[],
  { signal, sandboxes }: Known,
): Promise<Told[]> {
  const places: Told[] = [];
  for (let start = 0; start < told.length; start += SINGLE_QUESTIONS) {
    const batch = told.slice(start, start + SINGLE_QUESTIONS);
    const infos = await Promise.all(
      batch.map(({ containerId = "" }) =>
        readStatus(channel, { id: containerId, isSandbox: sandboxes.has(containerId) }, signal),
      ),
    );
    for (const [index, answer] of batch.entries())
      places.push({ ...answer, evidence: { ...answer.evidence, ...infos[index] } });
  }
  return places;
}

interface StatusOf {
  readonly id: string;
  readonly isSandbox: boolean;
}

async function readStatus(
  channel: GrpcChannel,
  { id, isSandbox }: StatusOf,
  signal: AbortSignal,
): Promise<ReturnType<typeof readInfo>> {
  const [call, request] = isSandbox
    ? [sandboxStatus, { podSandboxId: id, verbose: true }]
    : [containerStatus, { containerId: id, verbose: true }];
  // One that is gone by now, or a runtime that knows no such call: the pod is left to compare.
  const status = await channel
    .call<{ info: Readonly<Record<string, string>> }>(call, request, { signal })
    .catch(() => undefined);
  return readInfo(status?.info["info"]);
}

interface Answers {
  readonly ids: readonly string[];
  readonly runtime: string;
  readonly containers: readonly Container[];
  readonly sandboxes: readonly Sandbox[];
  readonly labels: LabelChoice;
}

/** What the lists say of the wanted ids. */
export function describeAll({ ids, runtime, containers, sandboxes, labels }: Answers): Told[] {
  const wanted = new Set(ids);
  const byId = new Map(sandboxes.map((sandbox) => [sandbox.id, sandbox]));
  const common = { "container.runtime.name": runtime };
  return [
    ...containers
      .filter(({ id }) => wanted.has(id))
      .map((container) => {
        const sandbox = byId.get(container.podSandboxId);
        const attributes = {
          ...common,
          ...describeSandbox(sandbox, labels),
          ...describeContainer(container, labels),
        };
        return { containerId: container.id, attributes, evidence: { podUid: sandbox?.metadata?.uid } };
      }),
    ...sandboxes
      .filter(({ id }) => wanted.has(id))
      .map((sandbox) => ({
        containerId: sandbox.id,
        attributes: { ...common, "container.id": sandbox.id, ...describeSandbox(sandbox, labels) },
        evidence: { podUid: sandbox.metadata?.uid },
      })),
  ];
}

function describeContainer(container: Container, { container: chosen }: LabelChoice): SubjectAttributes {
  const { id, metadata, image, labels, annotations } = container;
  return {
    "container.id": id,
    ...dropEmpty({
      "container.name": metadata?.name,
      "k8s.container.name": metadata?.name,
      "k8s.container.restart_count": Number(annotations[RESTARTS] ?? metadata?.attempt),
    }),
    ...readKubernetesLabels(labels),
    ...readImageReference(image?.userSpecifiedImage === "" ? image.image : image?.userSpecifiedImage),
    ...pickLabels("container.label", labels, chosen),
  };
}

function describeSandbox(sandbox: Sandbox | undefined, { pod: chosen }: LabelChoice): SubjectAttributes {
  if (sandbox === undefined) return {};
  const { metadata, labels } = sandbox;
  return {
    ...dropEmpty({
      "k8s.pod.name": metadata?.name,
      "k8s.pod.uid": metadata?.uid,
      "k8s.namespace.name": metadata?.namespace,
    }),
    ...pickLabels("k8s.pod.label", labels, chosen),
  };
}
