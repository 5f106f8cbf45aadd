/** The Docker Engine API, which podman offers too: one question for each container. */
import { Agent } from "node:http";
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { getJson } from "../http.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels, readKubernetesLabels } from "../labels.ts";
import type { Evidence, LabelChoice, Source, Told } from "../source.ts";

/** Of GET /containers/ID/json; any part may be missing where the answer is not Docker's. */
interface Inspected {
  readonly Id?: unknown;
  readonly Name?: unknown;
  readonly State?: { readonly Pid?: unknown } | null;
  readonly HostConfig?: { readonly CgroupParent?: unknown } | null;
  readonly Config?: { readonly Image?: unknown; readonly Labels?: Readonly<Record<string, unknown>> | null };
}

/** One connection would make a burst wait in line; more would be a burden. */
const CONNECTIONS = 4;

export function openDocker(runtime: "docker" | "podman", socket: string, labels: LabelChoice): Source {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const inspect = async (id: string, signal: AbortSignal): Promise<Told[]> => {
    const path = `/containers/${encodeURIComponent(id)}/json`;
    const { status, body } = await getJson("http:", { socketPath: socket, path, agent }, signal);
    if (status === 404) return [];
    if (status !== 200) throw new Error(`${runtime} answered ${status}`);
    return [{ containerId: id, ...readInspected({ runtime, id, labels }, body) }];
  };
  return {
    find: async (wanted, signal) => {
      const ids = new Set(wanted.flatMap(({ containerIds }) => containerIds));
      const told = await Promise.all([...ids].map((id) => inspect(id, signal)));
      return told.flat();
    },
    close: () => {
      agent.destroy();
    },
  };
}

interface Question {
  readonly runtime: "docker" | "podman";
  readonly id: string;
  readonly labels: LabelChoice;
}

/** Throws where the answer is not about the container. */
export function readInspected(
  { runtime, id, labels }: Question,
  body: unknown,
): Pick<Told, "attributes" | "evidence"> {
  const inspected = body as Inspected | null;
  if (inspected?.Id !== id) throw new Error(`${runtime} answered without the container's id`);
  return { attributes: describe(runtime, inspected, labels), evidence: readEvidence(inspected) };
}

/** The pid is 0 before the container is started and once it has ended, the parent empty where it is the engine's own. */
function readEvidence({ State, HostConfig }: Inspected): Evidence {
  const [pid, cgroupParent] = [State?.Pid, HostConfig?.CgroupParent];
  return {
    ...(typeof pid === "number" ? { pid } : {}),
    ...(typeof cgroupParent === "string" ? { cgroupParent } : {}),
  };
}

function describe(runtime: string, { Id, Name, Config }: Inspected, chosen: LabelChoice): SubjectAttributes {
  const labels = Config?.Labels ?? {};
  return {
    ...dropEmpty({
      "container.id": Id,
      // Docker's names begin with a slash.
      "container.name": typeof Name === "string" ? Name.replace(/^\//, "") : "",
    }),
    "container.runtime.name": runtime,
    ...readImageReference(Config?.Image),
    ...readKubernetesLabels(labels),
    ...pickLabels("container.label", labels, chosen.container),
  };
}
