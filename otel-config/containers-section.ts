/** Reads `distribution.kerntel.containers`. */
import type { ContainersConfig } from "./config.ts";
import { readSocketPath } from "./socket-path.ts";

interface SourceSection {
  readonly enabled?: boolean | null;
}

export interface ContainersSection {
  readonly wait_ms?: number | null;
  readonly container_labels?: readonly string[] | null;
  readonly pod_labels?: readonly string[] | null;
  readonly containerd?: (SourceSection & { readonly address?: string | null }) | null;
  readonly cri?: (SourceSection & { readonly endpoint?: string | null }) | null;
  readonly docker?: (SourceSection & { readonly socket?: string | null }) | null;
  readonly podman?: (SourceSection & { readonly socket?: string | null }) | null;
  readonly kubelet?: (SourceSection & KubeletSection) | null;
}

interface KubeletSection {
  readonly endpoint?: string | null;
  readonly token_file?: string | null;
  readonly ca_file?: string | null;
  readonly insecure_skip_verify?: boolean | null;
}

const DEFAULT_WAIT_MS = 250;

export function readContainers(section: ContainersSection | null | undefined): ContainersConfig {
  const { wait_ms, container_labels, pod_labels, containerd, cri, docker, podman, kubelet } = section ?? {};
  return {
    waitMs: wait_ms ?? DEFAULT_WAIT_MS,
    containerLabels: container_labels ?? [],
    podLabels: pod_labels ?? [],
    containerd: { enabled: isEnabled(containerd), ...readSocket("address", containerd?.address) },
    cri: { enabled: isEnabled(cri), ...readSocket("endpoint", cri?.endpoint) },
    docker: { enabled: isEnabled(docker), ...readSocket("socket", docker?.socket) },
    podman: { enabled: isEnabled(podman), ...readSocket("socket", podman?.socket) },
    kubelet: { enabled: isEnabled(kubelet), ...readKubelet(kubelet ?? {}) },
  };
}

function readKubelet(section: KubeletSection): Omit<ContainersConfig["kubelet"], "enabled"> {
  return {
    ...given("endpoint", section.endpoint),
    ...given("tokenFile", section.token_file),
    ...given("caFile", section.ca_file),
    insecureSkipVerify: section.insecure_skip_verify ?? false,
  };
}

function isEnabled(section: SourceSection | null | undefined): boolean {
  return section?.enabled !== false;
}

function readSocket<Key extends string>(
  key: Key,
  path: string | null | undefined,
): { readonly [K in Key]?: string } {
  return given(key, path ? readSocketPath(path) : undefined);
}

function given<Key extends string>(
  key: Key,
  value: string | null | undefined,
): { readonly [K in Key]?: string } {
  return (value ? { [key]: value } : {}) as { readonly [K in Key]?: string };
}
