/** The container in a cgroup path, as container runtimes write it. */

/** Runtime prefix of a systemd scope, or nothing where the cgroup is named by the bare id. */
const containerName =
  /^(?:(?:docker|cri-containerd|containerd|crio|libpod|nerdctl)-)?([0-9a-f]{64})(?:\.scope)?$/;

/**
 * The id of the container that a cgroup belongs to: the deepest directory that looks like one, so that what a
 * container makes below itself is still the container's. `undefined` where no part of the path is a container.
 */
export function containerIdOf(path: string): string | undefined {
  return path
    .split("/")
    .toReversed()
    .map((name) => containerName.exec(name)?.[1])
    .find((id) => id !== undefined);
}
