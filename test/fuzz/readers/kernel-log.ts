/** Records of /dev/kmsg, and what softlockup reads out of their text. */
import assert from "node:assert/strict";
import { isVerdict, parseVerdict } from "#events/softlockup/verdict.ts";
import { readKernelLogRecord } from "#bpf/loader/source/kernel-log.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

const lines = [
  "5,0,0,-;Linux version 6.18.44 (gcc (GCC) 15.3.0, GNU ld (GNU Binutils) 2.46) #1 SMP PREEMPT_DYNAMIC @0\n",
  "0,339,5140900,-,caller=T1;watchdog: BUG: soft lockup - CPU#1 stuck for 22s! [a;b:4711]\n SUBSYSTEM=acpi\n DEVICE=x\n",
  "12,1,2,-;gr\\xc3\\xbc\\xc3\\x9fe\\x5c\n",
];

export const kernelLog: FuzzedReader = {
  name: "kernel-log",
  seeds: () => lines.map((line) => Buffer.from(line, "latin1")),
  read(bytes) {
    const record = readKernelLogRecord(Buffer.from(bytes).toString("latin1"));
    if (record === undefined) return true;
    assert.ok(record.level >= 0 && record.level <= 7, "a level is one of eight");
    for (const key of ["facility", "sequence", "timeUs"] as const)
      assert.ok(Number.isFinite(record[key]), `${key} is a finite number`);
    if (!isVerdict(record.text)) return false;
    const verdict = parseVerdict(record.text);
    for (const value of [verdict?.cpu, verdict?.tid, verdict?.elapsed])
      assert.ok(value === undefined || Number.isFinite(value), "a verdict has finite numbers");
    return false;
  },
};
