import assert from "node:assert/strict";
import { test } from "node:test";
import { BpfError } from "./error.ts";
import { followKernelLog, readKernelLogRecord } from "./kernel-log.ts";

const ignore = (): void => {};

test("a record of the kernel is read without its dictionary", () => {
  const text = "watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [a;b:4711]";
  assert.deepEqual(readKernelLogRecord(`0,339,5140900,-,caller=T1;${text}\n SUBSYSTEM=acpi\n DEVICE=x\n`), {
    level: 0,
    facility: 0,
    sequence: 339,
    timeUs: 5_140_900,
    text,
  });
});

test("what a process wrote has its own facility, and its bytes are what they were", () => {
  const record = readKernelLogRecord("12,1,2,-;gr\\xc3\\xbc\\xc3\\x9fe\\x5c\n");
  assert.deepEqual([record?.level, record?.facility, record?.text], [4, 1, "grüße\\"]);
});

for (const bytes of ["", "12,1,2;", "no record", "x,1,2,-;text"]) {
  test(`"${bytes}" is ${bytes === "12,1,2;" ? "cut short" : "no record"}`, () => {
    assert.equal(readKernelLogRecord(bytes), undefined);
  });
}

test("a log that is not there is refused with its reason", () => {
  assert.throws(
    () => followKernelLog({ onRecord: ignore, onOverrun: ignore, onFailed: ignore }, "/nowhere/kmsg"),
    (error) =>
      error instanceof BpfError && error.code === "BPF_KERNEL_LOG_FAILED" && error.errno === "ENOENT",
  );
});
