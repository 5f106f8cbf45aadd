/** Whose a request to a disk is, which no event asks for yet: bpf/include/cgroup.h, by a program of its own. */
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { openObject } from "bpf-loader-napi";
import { makeBlockCgroup, readDisk } from "../provoke/disk-read.ts";
import { liveTest } from "./live-test.ts";

liveTest("a request to a disk is the cgroup's whose process asked for it", async () => {
  await using cgroup = makeBlockCgroup(`/kerntel-test-${process.pid}`);
  const id = statSync(cgroup.directory, { bigint: true }).ino;
  using object = openObject(new URL("../provoke/requests.bpf.o", import.meta.url)).load();
  object.attach("count_request");
  const requests = object.map("requests");
  assert.equal(requests.lookup(id), undefined);
  readDisk(cgroup.directory);
  assert.ok((requests.lookup(id) as bigint) > 0n);
});
