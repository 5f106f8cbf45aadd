import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { openDocker } from "./docker.ts";
import inspected from "../fixtures/docker-inspect.json" with { type: "json" };
import inspectedByPodman from "../fixtures/podman-inspect.json" with { type: "json" };
import type { Source } from "../source.ts";

const place = { path: "/docker/1", hierarchies: [0], isProven: true };

const id = inspected.Id;
const signal = AbortSignal.timeout(10_000);
const want = (...ids: string[]): Parameters<Source["find"]>[0] =>
  ids.map((each) => ({ containerIds: [each], names: [], path: `/docker/${each}`, podUid: undefined, place }));

async function serve(
  context: TestContext,
  answers: Readonly<Record<string, [status: number, body: string]>>,
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-docker-"));
  const socket = join(folder, "docker.sock");
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ""] ?? [404, '{"message":"No such container"}'];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  return socket;
}

for (const [runtime, answer] of [
  ["docker", inspected],
  ["podman", inspectedByPodman],
] as const) {
  test(`${runtime} tells name, image and the labels that were asked for, also of a container that has ended`, async (context) => {
    const { Id } = answer;
    const socket = await serve(context, { [`/containers/${Id}/json`]: [200, JSON.stringify(answer)] });
    const source = openDocker(runtime, socket, {
      container: new Set(["team"]),
      pod: new Set(),
    });
    const told = await source.find(want(Id, "4".repeat(64)), signal);
    source.close();
    assert.deepEqual(told, [
      {
        containerId: Id,
        attributes: {
          "container.id": Id,
          "container.name": "shop",
          "container.runtime.name": runtime,
          "container.image.name": "kerntel.test/busybox",
          "container.image.tags": ["1"],
          "container.label.team": "checkout",
        },
        evidence: { pid: 0, cgroupParent: answer.HostConfig.CgroupParent },
      },
    ]);
  });
}

const troubles: readonly [what: string, answer: [number, string], reason: RegExp][] = [
  ["an error of its own", [500, '{"message":"boom"}'], /docker answered 500/],
  ["no JSON", [200, "hello"], /JSON/],
  [
    "another container",
    [200, JSON.stringify({ ...inspected, Id: "5".repeat(64) })],
    /without the container's id/,
  ],
  ["nothing", [200, "null"], /without the container's id/],
];

for (const [what, answer, reason] of troubles) {
  test(`an answer with ${what} is a failure`, async (context) => {
    const socket = await serve(context, { [`/containers/${id}/json`]: answer });
    const source = openDocker("docker", socket, { container: new Set(), pod: new Set() });
    context.after(() => {
      source.close();
    });
    await assert.rejects(source.find(want(id), signal), reason);
  });
}
