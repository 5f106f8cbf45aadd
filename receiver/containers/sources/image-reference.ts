/** Name and tag of a container image, from the way people and runtimes write it. */
import type { SubjectAttributes } from "../resolved-subject.ts";

/**
 * `docker.io/library/nginx:1.25@sha256:…` has the name `docker.io/library/nginx` and the tag `1.25`. Nothing of an image
 * that only has an id. Grammar: github.com/distribution/reference.
 */
export function readImageReference(reference: unknown): SubjectAttributes {
  if (typeof reference !== "string" || reference === "" || /^(?:sha256:)?[0-9a-f]{64}$/.test(reference))
    return {};
  const [tagged = ""] = reference.split("@");
  // A colon before the last slash is a registry's port.
  const [, name = "", tag] = /^(.+?)(?::([\w][\w.-]{0,127}))?$/.exec(tagged) ?? [];
  if (name === "") return {};
  return { "container.image.name": name, ...(tag === undefined ? {} : { "container.image.tags": [tag] }) };
}
