/** The Docker Engine API, which podman offers too: one question for each container. */
import { Agent } from "node:http";
import type { SubjectAttributes } from "../../resolved-subject.ts";
import { getJson } from "../http.ts";
import { readImageReference } from "../image-reference.ts";
import { dropEmpty, pickLabels, readKubernetesLabels } from "../labels.ts";
import type { LabelChoice, Source, Told } from "../source.ts";

/** Of GET /containers/ID/json; any part may be missing where the answer is not Docker's. */
interface Inspected {
  readonly Id?: unknown;
  readonly Name?: unknown;
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
    return [{ containerId: id, attributes: readInspected({ runtime, id, labels }, body) }];
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
export function readInspected({ runtime, id, labels }: Question, body: unknown): SubjectAttributes {
  const inspected = body as Inspected | null;
  if (inspected?.Id !== id) throw new Error(`${runtime} answered without the container's id`);
  return describe(runtime, inspected, labels);
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
