/** Reads a ring in a worker thread; says how many records it got, then goes on until it is ended. */
import { parentPort, workerData } from "node:worker_threads";
import { openObject } from "../../source/index.ts";
import { request } from "../fixture.ts";

const { path, count } = workerData as { path: string; count: number };
const object = openObject(path).load();
let records = 0;
object.ringReader("ring", {}, (batch) => {
  records += batch.count;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- that is for windows
  if (records === count) parentPort?.postMessage(records);
});
for (let first = 0; first < count; first += 100)
  object.program("produce").run({ context: request(first, 100) });
