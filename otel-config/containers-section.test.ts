import assert from "node:assert/strict";
import { test } from "node:test";
import { readContainers } from "./containers-section.ts";

test("without a word everybody is asked, certificates are verified, and no label is told", () => {
  const enabled = { enabled: true };
  const expected = {
    waitMs: 250,
    containerLabels: [],
    podLabels: [],
    containerd: enabled,
    cri: enabled,
    docker: enabled,
    podman: enabled,
    kubelet: { enabled: true, insecureSkipVerify: false },
  };
  assert.deepEqual(readContainers(undefined), expected);
  const empty = { wait_ms: null, container_labels: null, pod_labels: null, docker: null, kubelet: null };
  assert.deepEqual(readContainers(empty), expected);
});
