/** Labels as attributes: those that the configuration names. */
import type { ContainersConfig } from "#otel-config/config.ts";
import type { SubjectAttributes } from "../resolved-subject.ts";
import type { LabelChoice } from "./source.ts";

const PREFIXES = ["container.label.", "k8s.pod.label."] as const;

/** Of an answer, where anything may stand in its place. */
type Labels = Readonly<Record<string, unknown>> | null | undefined;

export function chooseLabels({ containerLabels, podLabels }: ContainersConfig): LabelChoice {
  return { container: new Set(containerLabels), pod: new Set(podLabels) };
}

/** Whether an attribute may be told: all may, but labels only where they are chosen. */
export function isChosen(name: string, { container, pod }: LabelChoice): boolean {
  const [ofContainer, ofPod] = PREFIXES;
  if (name.startsWith(ofContainer)) return container.has(name.slice(ofContainer.length));
  if (name.startsWith(ofPod)) return pod.has(name.slice(ofPod.length));
  return true;
}

export function isLabel(name: string): boolean {
  return PREFIXES.some((prefix) => name.startsWith(prefix));
}

export function pickLabels(
  prefix: "container.label" | "k8s.pod.label",
  labels: Labels,
  chosen: ReadonlySet<string>,
): SubjectAttributes {
  if (typeof labels !== "object" || labels === null || chosen.size === 0) return {};
  const pairs = [...chosen].flatMap((key) => {
    const value = labels[key];
    return typeof value === "string" && Object.hasOwn(labels, key)
      ? [[`${prefix}.${key}`, value] as const]
      : [];
  });
  return Object.fromEntries(pairs);
}

/** What the kubelet writes on every container and sandbox it asks a runtime for (pkg/kubelet/types/labels.go). */
export function readKubernetesLabels(labels: Readonly<Record<string, unknown>>): SubjectAttributes {
  return dropEmpty({
    "k8s.pod.name": labels["io.kubernetes.pod.name"],
    "k8s.namespace.name": labels["io.kubernetes.pod.namespace"],
    "k8s.pod.uid": labels["io.kubernetes.pod.uid"],
    "k8s.container.name": labels["io.kubernetes.container.name"],
  });
}

/** Only texts that say something, numbers and lists. */
export function dropEmpty(attributes: Readonly<Record<string, unknown>>): SubjectAttributes {
  const kept = Object.entries(attributes).filter(
    ([, value]) =>
      (typeof value === "string" && value !== "") ||
      Number.isSafeInteger(value) ||
      (Array.isArray(value) && value.length > 0),
  );
  return Object.fromEntries(kept) as SubjectAttributes;
}
