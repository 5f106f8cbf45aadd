/** What backends, runtimes and the kubelet answer: any program that listens on their port or socket can send it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Metadata } from "@grpc/grpc-js";
import protobuf from "protobufjs";
import { LONGEST_SLEEP_MS } from "#exporters/clock.ts";
import { readRetryDelayMs } from "#exporters/otlp/retry-info.ts";
import { readRetryAfterMs } from "#exporters/retry-after.ts";
import { describeAll } from "#receiver/containers/sources/cri/cri.ts";
import { readInspected } from "#receiver/containers/sources/docker/docker.ts";
import { PodList } from "#receiver/containers/sources/kubelet/kubelet-pods.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const sources = new URL("../../../receiver/containers/sources/", import.meta.url);
const labels = { container: new Set(["app"]), pod: new Set(["app"]) };

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, sources), "utf8"));
}

/** A field of a protobuf message that is shorter than 128 bytes. */
function field(tag: number, value: Buffer): Buffer {
  return Buffer.from([tag, value.length, ...value]);
}

function isWait(waitMs: number | undefined): boolean {
  assert.ok(waitMs === undefined || (waitMs >= 0 && waitMs <= LONGEST_SLEEP_MS), `a wait of ${waitMs} ms`);
  return waitMs !== undefined;
}

/** Runs `act`; true where it refused the answer as a whole, in one of the ways that its caller counts as a failed query. */
function isRefusedAnswer(act: () => void, sentence: RegExp): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof Error && (error instanceof SyntaxError || sentence.test(error.message))) return true;
    throw error;
  }
}

export const retryAfter: FuzzedReader = {
  name: "retry-after",
  seeds: () =>
    ["40", "2592000", "Fri, 01 Jan 2100 00:00:00 GMT", "Sun Nov  6 08:49:37 1994"].map((value) =>
      Buffer.from(value),
    ),
  read: (bytes) => !isWait(readRetryAfterMs(Buffer.from(bytes).toString("latin1"))),
};

export const retryInfo: FuzzedReader = {
  name: "retry-info",
  seeds: () => {
    const info = field(0x0a, Buffer.from([0x08, 40, 0x10, 0x80, 0x84, 0xaf, 0x5f]));
    const url = field(0x0a, Buffer.from("type.googleapis.com/google.rpc.RetryInfo"));
    return [Buffer.from([0x08, 8, ...field(0x1a, Buffer.concat([url, field(0x12, info)]))])];
  },
  read(bytes) {
    const metadata = new Metadata();
    metadata.set("grpc-status-details-bin", Buffer.from(bytes));
    return !isWait(readRetryDelayMs(metadata));
  },
};

const inspectedId = "3".repeat(64);

export const inspectAnswer: FuzzedReader = {
  name: "inspect-answer",
  seeds: () =>
    ["docker-inspect", "podman-inspect"].map((name) =>
      Buffer.from(JSON.stringify(Object.assign({}, readFixture(name), { Id: inspectedId }))),
    ),
  read(bytes) {
    return isRefusedAnswer(() => {
      const body: unknown = JSON.parse(Buffer.from(bytes).toString("utf8"));
      const told = readInspected({ runtime: "docker", id: inspectedId, labels }, body);
      assert.equal(told.attributes["container.id"], inspectedId);
    }, /without the container's id/);
  },
};

export const podList: FuzzedReader = {
  name: "pod-list",
  seeds: () => [Buffer.from(JSON.stringify(readFixture("written-pods")))],
  read: (bytes) =>
    isRefusedAnswer(() => {
      const list = new PodList(labels);
      // Pieces as a socket gives them, which end anywhere.
      for (let start = 0; start < bytes.length; start += 1_000)
        list.take(Buffer.from(bytes.subarray(start, start + 1_000)));
      for (const [id, told] of list.finish().containers) assert.equal(told["container.id"], id);
    }, /no list of pods/),
};

const cri = protobuf.parse(readFileSync(new URL("cri/cri.proto", sources), "utf8")).root;
const containerList = cri.lookupType("cri.ListContainersResponse");

export const criContainers: FuzzedReader = {
  name: "cri-containers",
  seeds: () => {
    const container = {
      id: "abc",
      podSandboxId: "pod",
      metadata: { name: "web", attempt: 2 },
      image: { image: "docker.io/library/nginx:1.25" },
      labels: { app: "web", "io.kubernetes.pod.name": "web-1" },
    };
    return [
      Buffer.from(containerList.encode(containerList.fromObject({ containers: [container] })).finish()),
    ];
  },
  read(bytes) {
    let containers: Parameters<typeof describeAll>[0]["containers"];
    try {
      ({ containers } = containerList.decode(bytes) as unknown as { containers: typeof containers });
    } catch {
      // protobufjs refuses by errors of several types; the query has failed then.
      return true;
    }
    const ids = containers.map(({ id }) => id);
    const told = describeAll({ ids, runtime: "containerd", containers, sandboxes: [], labels });
    assert.equal(told.length, containers.length);
    return false;
  },
};
