/** What can be the id of a container, and which containers an id that was given means. */

/** NAME_MAX: the id is read from the name of the cgroup's directory, which is no longer. */
const LONGEST_BYTES = 255;
/** The start of the 64 hexadecimal digits that most runtimes make. */
const RANDOM_ID_START = /^[0-9a-f]{12,64}$/;

/** Why no container can have this id, or `undefined`. */
export function explainContainerId(text: string): string | undefined {
  if (text === "") return "is empty";
  if (text.includes("/") || text.includes("\0"))
    return "contains a slash or a NUL, as no id of a container does";
  if (Buffer.byteLength(text) > LONGEST_BYTES)
    return `is longer than ${LONGEST_BYTES} bytes, as no id of a container is`;
  return undefined;
}

/**
 * Of the hexadecimal ids that most runtimes make, 12 or more leading digits are enough; names, such as those of LXC and
 * systemd-nspawn, are given whole.
 */
export function matchContainerId(given: string): (id: unknown) => boolean {
  return RANDOM_ID_START.test(given)
    ? (id) => typeof id === "string" && id.startsWith(given)
    : (id) => id === given;
}
