import assert from "node:assert/strict";
import { test } from "node:test";
import { readImageReference } from "./image-reference.ts";

const digest = `sha256:${"1".repeat(64)}`;
const cases: readonly [reference: unknown, name?: string, tag?: string][] = [
  ["docker.io/library/nginx:1.25", "docker.io/library/nginx", "1.25"],
  [`docker.io/library/nginx:1.25@${digest}`, "docker.io/library/nginx", "1.25"],
  [`docker.io/library/nginx@${digest}`, "docker.io/library/nginx"],
  ["nginx", "nginx"],
  ["registry.local:5000/shop/web", "registry.local:5000/shop/web"],
  ["registry.local:5000/shop/web:v2", "registry.local:5000/shop/web", "v2"],
  [digest],
  ["1".repeat(64)],
  [""],
  [undefined],
  [7],
];

for (const [reference, name, tag] of cases) {
  test(`the image ${String(reference)} is ${name ?? "nothing"}${tag === undefined ? "" : ` with the tag ${tag}`}`, () => {
    assert.deepEqual(readImageReference(reference), {
      ...(name === undefined ? {} : { "container.image.name": name }),
      ...(tag === undefined ? {} : { "container.image.tags": [tag] }),
    });
  });
}
