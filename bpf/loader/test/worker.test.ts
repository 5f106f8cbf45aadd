import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { Worker } from "node:worker_threads";
import { bpfDescriptors, fixture, live, load, request, until } from "./fixture.ts";

const count = 300;

function startWorker(): Worker {
  const workerData = { path: fixture("ring"), count };
  return new Worker(new URL("children/worker.ts", import.meta.url), { workerData });
}

describe("worker threads", live, () => {
  test("each read rings of their own, beside the main thread", async () => {
    using object = load("ring");
    let records = 0;
    using reader = object.ringReader("ring", {}, (batch) => {
      records += batch.count;
    });
    const workers = [startWorker(), startWorker(), startWorker()];
    object.program("produce").run({ context: request(0, count) });
    const answers = await Promise.all(workers.map((worker) => once(worker, "message")));
    assert.deepEqual(answers, [[count], [count], [count]]);
    await until(() => records === count, "records of the main thread");
    await Promise.all(workers.map((worker) => worker.terminate()));
    assert.equal(reader.counts().pendingBytes, 0);
  });

  test("that are ended while reading leave nothing of BPF behind", async () => {
    const before = bpfDescriptors();
    for (let round = 0; round < 10; round++) {
      const worker = startWorker();
      await once(worker, "message");
      await worker.terminate();
    }
    assert.deepEqual(bpfDescriptors(), before);
  });
});
