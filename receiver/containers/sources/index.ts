/** The list of sources of container metadata: one line each, the most trusted last. */
import { containerd } from "./containerd/provider.ts";
import { cri } from "./cri/provider.ts";
import { docker, podman } from "./docker/provider.ts";
import { kubelet } from "./kubelet/provider.ts";
import type { DeclaredSource } from "./source.ts";

export const containerSources: readonly DeclaredSource[] = [containerd, docker, podman, cri, kubelet];
