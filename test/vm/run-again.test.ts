import assert from "node:assert/strict";
import { test } from "node:test";
import type { GuestResult } from "./guest-line.ts";
import { chooseFiles, judge, runTwiceAtMost, runUntilFit } from "./run-again.ts";

function result(file: string, name: string, failure?: string): GuestResult {
  return { type: "result", file, name, durationMs: 1, ...(failure !== undefined && { failure }) };
}

test("files of failed tests are run once more, each once, unless they are many", () => {
  const failed = [result("a", "one", "x"), result("a", "two", "x"), result("b", "one", "x")];
  assert.deepEqual(chooseFiles(failed), ["a", "b"]);
  assert.deepEqual(chooseFiles([]), []);
  assert.deepEqual(chooseFiles(["a", "b", "c", "d", "e"].map((file) => result(file, "one", "x"))), []);
});

test("what fails twice has failed by both, and what passes alone has passed with a remark", () => {
  const failed = [result("a", "one", "first"), result("a", "two", "late")];
  const [one, two] = judge(failed, [result("a", "one", "second"), result("a", "two"), result("a", "three")]);
  assert.deepEqual(one, { result: result("a", "one", "second\nand at first: first") });
  assert.deepEqual(two?.result, result("a", "two"));
  assert.match(two?.remark ?? "", /^a: "two" failed beside another guest, and passed alone: late$/);
});

test("what was not run again stays failed, and a new failure is one", () => {
  assert.deepEqual(judge([result("a", "one", "x")], []), [{ result: result("a", "one", "x") }]);
  const verdicts = judge([result("a", "one", "x")], [result("a", "one"), result("a", "two", "new")]);
  assert.deepEqual(verdicts.at(-1), { result: result("a", "two", "new") });
});

test("a guest that fails is started once more, with a remark, and not a third time", async () => {
  const remarks: string[] = [];
  const remark = (message: string): void => void remarks.push(message);
  let starts = 0;
  const failTimes = (times: number) => (): Promise<number> => {
    starts++;
    return starts > times ? Promise.resolve(starts) : Promise.reject(new Error(`failed ${starts}`));
  };
  assert.equal(await runTwiceAtMost(failTimes(0), remark), 1);
  starts = 0;
  assert.equal(await runTwiceAtMost(failTimes(1), remark), 2);
  assert.deepEqual(remarks, ["started once more, because at first: Error: failed 1"]);
  starts = 0;
  await assert.rejects(runTwiceAtMost(failTimes(2), remark), /failed 2/);
});

for (const { title, said, remarks, failure } of [
  { title: "that is fit is not booted anew", said: [undefined], remarks: 0 },
  {
    title: "that is unfit at first is booted anew, and the report says so",
    said: ["CPU 1", undefined],
    remarks: 1,
  },
  {
    title: "that is never fit fails with its reason",
    said: ["CPU 1", "CPU 1", "CPU 2"],
    remarks: 2,
    failure: /not fit for a test in 3 boots: CPU 2/,
  },
] as const) {
  test(`a guest ${title}`, async () => {
    const left: (string | undefined)[] = [...said];
    const heard: string[] = [];
    const run = runUntilFit(
      () => Promise.resolve(left.shift()),
      (message) => heard.push(message),
    );
    await (failure === undefined ? run : assert.rejects(run, failure));
    assert.deepEqual(left, []);
    assert.equal(heard.length, remarks);
    assert.ok(heard.every((message) => /booted anew, because CPU 1/.test(message)));
  });
}
