/** A kubelet that is well, and one that is down, slow, wrong or somebody else: no record waits for it, and none is lost. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { provokeOom } from "#events/oom/provoke.ts";
import { FakeKubelet } from "../provoke/fake-kubelet.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { isDisposable } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, findFreePort, readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const events = "      oom: {}";
const others = ["containerd", "cri", "docker", "podman"]
  .map((name) => `      ${name}: { enabled: false }\n`)
  .join("");
const recorded = readFileSync(
  new URL("../../receiver/containers/sources/fixtures/recorded-pods.json", import.meta.url),
  "utf8",
);
/** Of the recorded answer: the pod "web" and its container that crashes, which stands for the one that is killed. */
const uid = "1695b9a7b184476f94d13bb4fc6fb6be";
const worker = "a82d034a90785d3ff89f1b6130e640f55aad547be7762e54f240e071aaf7de65";
let killedId = worker;

const tellPods: RequestListener = (_, response) => {
  response.end(recorded.replaceAll(worker, killedId));
};

const ask = (endpoint: string, caFile: string): string =>
  `${others}      kubelet: { endpoint: "${endpoint}", ca_file: ${caFile} }`;

async function killInPod(kerntel: RunningKerntel): Promise<StoredLine> {
  const { containerId } = await provokeOom((id) => {
    killedId = id;
    return `/kerntel-test-${process.pid}/kubepods/besteffort/pod${uid}/${id}`;
  });
  const line = await waitUntil("the kill in the local log", async () =>
    (await kerntel.look({ event: "kerntel.oom", container: containerId })).at(0),
  );
  assertDeclared([line]);
  return line;
}

async function countQuestions(kerntel: RunningKerntel, answer: "answered" | "failed"): Promise<number> {
  const questions = readMetric(await kerntel.metrics(), "kerntel_container_lookups_total");
  return (
    questions.get(`{kerntel_container_source="kubelet",kerntel_container_lookup_result="${answer}"}`) ??
    Number.NaN
  );
}

const troubles: readonly [what: string, answer: RequestListener, certificate?: "another"][] = [
  ["is slow", () => {}],
  ["answers garbage", (_, response) => void response.end("<html>")],
  ["has the certificate of somebody else", tellPods, "another"],
];

liveTest(
  "what a kubelet tells of a pod is told with its records, and its failures cost none",
  async (context) => {
    if (isDisposable) {
      context.skip("NOT TESTED: a virtual machine has no openssl to make a certificate with");
      return;
    }
    using well = await FakeKubelet.start(tellPods);
    await using kerntel = await RunningKerntel.start({ events, containers: ask(well.endpoint, well.caFile) });
    const { resource, attributes } = await killInPod(kerntel);
    assert.equal(resource["k8s.pod.name"], "web-node-1");
    assert.equal(resource["k8s.namespace.name"], "shop");
    assert.equal(resource["k8s.container.name"], "worker");
    assert.equal(resource["k8s.container.restart_count"], 2);
    assert.equal(resource["k8s.node.name"], "node-1");
    assert.equal(attributes["kerntel.attribution"], "resolved");

    const expectTrouble = async (what: string, endpoint: string, caFile: string): Promise<void> => {
      const failed = await countQuestions(kerntel, "failed");
      await kerntel.reload(events, ask(endpoint, caFile));
      const line = await killInPod(kerntel);
      assert.equal(line.attributes["kerntel.attribution"], "path", what);
      assert.equal(line.resource["k8s.pod.uid"], uid, what);
      assert.equal(line.resource["k8s.pod.name"], undefined, what);
      // The record did not wait for the end of the question.
      if (what === "is slow") assert.equal(await countQuestions(kerntel, "failed"), failed);
      await waitUntil(`a kubelet that ${what} to be counted`, async () =>
        (await countQuestions(kerntel, "failed")) > failed ? true : undefined,
      );
    };
    await expectTrouble("is down", `https://127.0.0.1:${await findFreePort()}`, well.caFile);
    for (const [what, answer, certificate] of troubles) {
      using kubelet = await FakeKubelet.start(answer);
      await expectTrouble(what, kubelet.endpoint, certificate === undefined ? kubelet.caFile : well.caFile);
    }
    assert.equal(kerntel.err.split("kubelet does not tell about containers").length, 2, "said once a minute");

    await kerntel.reload(events, ask(well.endpoint, well.caFile));
    assert.equal((await killInPod(kerntel)).resource["k8s.container.name"], "worker");
    await assertBooksClose(kerntel, "oom");
  },
);
