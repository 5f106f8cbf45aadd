/** Records of real errors go in; their log records and metrics come out. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { describeAer, describeCper } from "./describe-device.ts";
import { describeEdac, describeExtlog, describeMemoryFailure } from "./describe-memory.ts";
import { describeArm, describeMce } from "./describe-processor.ts";
import { makeRecord } from "./description.ts";
import type { Description } from "./description.ts";
import { createRas } from "./event.ts";
import {
  rasAerRecordLayout,
  rasArmRecordLayout,
  rasCperRecordLayout,
  rasEdacRecordLayout,
  rasExtlogRecordLayout,
  rasMceRecordLayout,
  rasMemoryFailureRecordLayout,
} from "./record.generated.ts";

interface Layout<Record> {
  readonly sizeBytes: number;
  read(view: DataView, offset: number): Record;
}

function emptyOf<Record>(layout: Layout<Record>): Record {
  return layout.read(new DataView(new ArrayBuffer(layout.sizeBytes)), 0);
}

const once = { time: 5, count: 1, total: 1 };
const head = { time: 5, total: 1, foldId: 1, severity: 0, cpu: 0 };
const mce = { ...emptyOf(rasMceRecordLayout), head };

/** As mce-inject had it on Linux 6.12. */
const injected = {
  ...mce,
  status: 0x9c00_0000_0000_0091n,
  address: 0x12340n,
  misc: 0x8cn,
  mcgStatus: 0n,
  processor: 1,
  bank: 4,
  vendor: 2,
  cpuid: 0x60fb1,
  apic: 1,
  microcode: 0x1000065,
};

test("a machine check becomes a log record about the host", () => {
  assert.deepEqual(makeRecord(describeMce(injected), once), {
    time: 5,
    subject: { kind: "host" },
    severity: 13,
    attributes: {
      "kerntel.ras.source": "mce",
      "error.type": "corrected",
      "hw.type": "memory",
      "hw.id": "cpu1-bank4",
      "hw.vendor": "AMD",
      "cpu.logical_number": 1,
      "kerntel.ras.mce.bank.number": 4,
      "kerntel.ras.mce.error": "memory controller: read, channel 1",
      "kerntel.ras.mce.flags": ["ADDRV", "MISCV", "EN", "VAL"],
      "kerntel.ras.mce.status": "0x9c00000000000091",
      "kerntel.ras.mce.address": "0x12340",
      "kerntel.ras.mce.misc": "0x8c",
      "kerntel.ras.mce.mcg_status": "0x0",
      "kerntel.ras.mce.socket": 0,
      "kerntel.ras.mce.apic": 1,
      "kerntel.ras.mce.cpuid": "0x60fb1",
      "kerntel.ras.mce.microcode": "0x1000065",
      "kerntel.count": 1,
      "kerntel.ras.total": 1,
    },
    body: "Corrected hardware error: machine check on CPU 1 bank 4, memory controller: read, channel 1",
  });
});

const aer = {
  ...emptyOf(rasAerRecordLayout),
  head: { ...head, severity: 1 },
  device: "0000:01:00.0",
  status: 1 << 18,
  hasHeader: 1,
  header: [1, 2, 3, 0xffff_ffff],
};
const guid = Uint8Array.from(Buffer.from("78563412bc9af0de1122334455667788", "hex"));
const described: readonly [title: string, Description, severity: number, body: RegExp][] = [
  [
    "a fatal PCIe error",
    describeAer(aer),
    21,
    /^Fatal hardware error: PCIe device 0000:01:00.0, Malformed TLP$/,
  ],
  [
    "EDAC, deferred",
    describeEdac({
      ...emptyOf(rasEdacRecordLayout),
      head: { ...head, severity: 2 },
      message: "read error",
      label: "DIMM_A1",
      grainBits: 6,
    }),
    13,
    /^Deferred hardware error: read error on DIMM_A1$/,
  ],
  [
    "an unknown section of firmware",
    describeCper({
      ...emptyOf(rasCperRecordLayout),
      head: { ...head, severity: 3 },
      section: guid,
      length: 2,
      payload: Uint8Array.of(1, 255, 9),
      unitText: "\u0001DIMM\ufffd A1 ",
    }),
    21,
    /^Fatal hardware error: firmware reports a section 12345678-9abc-def0-1122-334455667788 of 2 bytes about DIMM A1$/,
  ],
  [
    "an ARM processor of an older kernel, which tells no severity",
    describeArm({ ...emptyOf(rasArmRecordLayout), head: { ...head, severity: 7 }, errors: 1, errorType: 1 }),
    17,
    /^Hardware error: ARM processor 0x0, tlb$/,
  ],
  [
    "a page given up",
    describeMemoryFailure(
      {
        ...emptyOf(rasMemoryFailureRecordLayout),
        head: { ...head, severity: 3 },
        frame: 0x30000n,
        type: 5,
        result: 3,
      },
      { types: new Map([[5, "MF_MSG_DIRTY_LRU"]]), results: new Map([[3, "MF_RECOVERED"]]) },
    ),
    17,
    /^Uncorrected hardware error: memory page 0x30000 \(dirty_lru\): recovered$/,
  ],
  [
    "Intel's log",
    describeExtlog({
      ...emptyOf(rasExtlogRecordLayout),
      head: { ...head, severity: 2 },
      errorType: 2,
      unitText: "A1",
    }),
    13,
    /^Corrected hardware error: memory, single_bit_ecc on A1$/,
  ],
];
for (const [title, description, severity, body] of described) {
  test(`${title} has its severity and a sentence`, () => {
    const record = makeRecord(description, { ...once, count: 3 });
    assert.equal(record.severity, severity);
    assert.match(record.body.replace(/, 3 times$/, ""), body);
    assert.match(record.body, /, 3 times$/);
    assert.ok(Object.values(record.attributes).every((value) => typeof value !== "bigint"));
  });
}

test("raw data is hexadecimal, as long as firmware said and not longer than was kept", () => {
  const record = {
    ...emptyOf(rasCperRecordLayout),
    head,
    section: guid,
    payload: new Uint8Array(256).fill(0xab),
  };
  for (const [length, kept] of [
    [0, 0],
    [3, 3],
    [256, 256],
    [0xffff_ffff, 256],
  ] as const) {
    const { parts } = describeCper({ ...record, length });
    assert.equal((parts["kerntel.ras.cper.data"] ?? "").length, kept * 2);
    assert.equal(parts["kerntel.ras.cper.length"], length);
  }
});

test("no bytes whatever break a description", () => {
  const names = { types: new Map<number, string>(), results: new Map<number, string>() };
  let seed = 7;
  const scramble = (sizeBytes: number): DataView => {
    const bytes = Uint8Array.from({ length: sizeBytes }, () => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed >>> 24;
    });
    return new DataView(bytes.buffer);
  };
  const read = <Record>(layout: Layout<Record>): Record => layout.read(scramble(layout.sizeBytes), 0);
  for (let round = 0; round < 3_000; round++) {
    for (const description of [
      describeMce(read(rasMceRecordLayout)),
      describeEdac(read(rasEdacRecordLayout)),
      describeCper(read(rasCperRecordLayout)),
      describeArm(read(rasArmRecordLayout)),
      describeAer(read(rasAerRecordLayout)),
      describeMemoryFailure(read(rasMemoryFailureRecordLayout), names),
      describeExtlog(read(rasExtlogRecordLayout)),
    ]) {
      const record = makeRecord(description, once);
      assert.doesNotThrow(() => JSON.stringify(record));
      for (const [name, value] of Object.entries(record.attributes))
        assert.ok(value !== undefined && !Number.isNaN(value), name);
    }
  }
});

test("before the first run the metric is there without points", () => {
  const metrics = createRas().tracingData.update?.() ?? [];
  assert.deepEqual(
    metrics.map(({ descriptor, dataPoints }) => [descriptor.name, dataPoints.length]),
    [["kerntel.ras.errors", 0]],
  );
});
