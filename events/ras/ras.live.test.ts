/** Hardware fails for real, as far as a virtual machine's can: machine checks, PCIe errors, firmware's reports, poisoned memory. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import {
  armSection,
  firmwareSeverity,
  memorySection,
  reportFirmwareError,
  sections,
} from "./provoke-firmware-error.ts";
import { hasMachineCheckInjector, injectMachineCheck } from "./provoke.ts";
import { injectPcieError } from "./provoke-pcie-error.ts";
import { poisonPage } from "./provoke-poisoned-page.ts";
import { firmwareRegister, pciePort } from "#test/vm/guest-hardware.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const card = "0000:01:00.0";
const FOLD_SECONDS = 2;
const settings = `      ras: { fold_seconds: ${FOLD_SECONDS} }`;
const EINVAL = 22;

type Wanted = Readonly<Record<string, unknown>>;

/** The attributes are written without `kerntel.ras.`, where they are the event's own. */
function attribute({ attributes }: StoredLine, name: string): unknown {
  return attributes[`kerntel.ras.${name}`] ?? attributes[name];
}

async function findAll(kerntel: RunningKerntel, wanted: Wanted): Promise<StoredLine[]> {
  const lines = await kerntel.look({ event: "kerntel.ras" });
  return lines.filter((line) =>
    Object.entries(wanted).every(([name, value]) => attribute(line, name) === value),
  );
}

function waitFor(kerntel: RunningKerntel, wanted: Wanted): Promise<StoredLine> {
  return waitUntil(JSON.stringify(wanted), async () => (await findAll(kerntel, wanted))[0]);
}

function countErrors(metrics: string, source: string): number {
  const samples = [...readMetric(metrics, "kerntel_ras_errors_total")];
  return samples
    .filter(([labels]) => labels.includes(`kerntel_ras_source="${source}"`))
    .reduce((total, [, count]) => total + count, 0);
}

/** The sum of what the log records say is what the kernel half counted. */
async function assertAllTold(kerntel: RunningKerntel, source: string): Promise<StoredLine[]> {
  const lines = await waitUntil(`every error of ${source} told`, async () => {
    const found = await findAll(kerntel, { source });
    const told = found.reduce((total, line) => total + Number(line.attributes["kerntel.count"]), 0);
    return told === countErrors(await kerntel.metrics(), source) ? found : undefined;
  });
  assertDeclared(lines);
  return lines;
}

liveTest("every hook of ras that this kernel has is attached by itself", async () => {
  const kerntel = await shareKerntel(settings);
  const hook = (await kerntel.reports()).get("ras")?.["hook"];
  for (const name of ["mc_event", "non_standard_event", "arm_event"])
    assert.ok(String(hook).includes(`tp_btf/${name}`), String(hook));
  await assertBooksClose(kerntel, "ras");
});

liveTest(
  "PCIe errors are named, also several at once, and a storm is folded with its count",
  async (context) => {
    if (!isDisposable) {
      context.skip("NOT TESTED: only a virtual machine has a device that can be made to fail");
      return;
    }
    const kerntel = await shareKerntel(settings);
    injectPcieError({ device: pciePort, correctable: 0x41 });
    const corrected = await waitFor(kerntel, { source: "aer", "hw.id": pciePort });
    assert.equal(corrected.severity, 13);
    assert.equal(corrected.attributes["error.type"], "corrected");
    assert.deepEqual(attribute(corrected, "aer.errors"), ["Receiver Error", "Bad TLP"]);
    assert.equal(attribute(corrected, "aer.status"), "0x41");
    assert.equal(
      corrected.body,
      `Corrected hardware error: PCIe device ${pciePort}, Receiver Error and Bad TLP`,
    );

    injectPcieError({ device: card, uncorrectable: 0x1_4000, header: [1, 2, 3, 4] });
    const uncorrected = await waitFor(kerntel, { source: "aer", "hw.id": card });
    assert.equal(uncorrected.severity, 17);
    assert.deepEqual(attribute(uncorrected, "aer.errors"), ["Completion Timeout", "Unexpected Completion"]);
    assert.equal(attribute(uncorrected, "aer.header"), "00000001 00000002 00000003 00000004");
    noteKernel(context, "ras", "provoked", "PCIe errors (aer_inject)");

    for (let count = 0; count < 100; count++) injectPcieError({ device: pciePort, correctable: 0x80 });
    await waitFor(kerntel, { source: "aer", "aer.status": "0x80" });
    const told = await assertAllTold(kerntel, "aer");
    const storm = told
      .filter((line) => attribute(line, "aer.status") === "0x80")
      .sort((left, right) => left.uid.localeCompare(right.uid));
    const errors = storm.reduce((total, line) => total + Number(line.attributes["kerntel.count"]), 0);
    // The kernel itself may take several interrupts for one.
    assert.ok(errors > storm.length, `${errors} errors in ${storm.length} log records`);
    assert.equal(storm[0]?.attributes["kerntel.count"], 1);
    await assertBooksClose(kerntel, "ras");
  },
);

liveTest("machine checks are decoded", async (context) => {
  if (!isDisposable || !hasMachineCheckInjector()) {
    context.skip("NOT TESTED: needs a virtual machine whose kernel has mce-inject");
    return;
  }
  const kerntel = await shareKerntel(settings);
  injectMachineCheck({ cpu: 1, bank: 4, status: 0x9c00_0000_0000_0091n, address: 0x12340n });
  const corrected = await waitFor(kerntel, { source: "mce", "mce.bank.number": 4 });
  assert.equal(corrected.severity, 13);
  assert.equal(corrected.attributes["hw.type"], "memory");
  assert.equal(corrected.attributes["hw.id"], "cpu1-bank4");
  assert.equal(corrected.attributes["cpu.logical_number"], 1);
  assert.equal(attribute(corrected, "mce.error"), "memory controller: read, channel 1");
  assert.deepEqual(attribute(corrected, "mce.flags"), ["ADDRV", "MISCV", "EN", "VAL"]);
  assert.equal(attribute(corrected, "mce.status"), "0x9c00000000000091");
  assert.equal(attribute(corrected, "mce.address"), "0x12340");

  injectMachineCheck({ cpu: 0, bank: 2, status: 0xb200_0000_0000_0135n, address: 0n });
  const fatal = await waitFor(kerntel, { source: "mce", "mce.bank.number": 2 });
  assert.equal(fatal.severity, 21);
  assert.equal(attribute(fatal, "mce.error"), "cache: data data read, level 1");
  noteKernel(context, "ras", "provoked", "machine checks (mce-inject)");
  await assertAllTold(kerntel, "mce");
});

liveTest("what firmware reports is taken, however odd it is", async (context) => {
  if (!isDisposable) {
    context.skip("NOT TESTED: only a virtual machine's firmware can be made to report errors");
    return;
  }
  const kerntel = await shareKerntel(settings);
  const odd = "12345678-9abc-def0-1122-334455667788";
  const corrected = firmwareSeverity.corrected;
  for (const length of [0, 1, 17, 255, 256, 257, 3_000]) {
    const data = Uint8Array.from({ length }, (_, index) => (index * 7 + 255) & 255);
    // Each is a unit of its own, so that none is folded with another.
    await reportFirmwareError({ section: odd, severity: corrected, unitText: `unit ${length}`, data });
    const line = await waitFor(kerntel, { source: "cper", "cper.unit.text": `unit ${length}` });
    assert.equal(line.severity, 13);
    assert.equal(attribute(line, "cper.section"), odd);
    assert.equal(attribute(line, "cper.length"), length);
    assert.equal(attribute(line, "cper.data") ?? "", Buffer.from(data.subarray(0, 256)).toString("hex"));
  }
  const unitText = "\u0001\u00ff%s\n";
  await reportFirmwareError({ section: odd, severity: corrected, unitText, data: new Uint8Array(8) });
  // A byte that is no UTF-8 still differs from others; what only moves the cursor goes.
  await waitFor(kerntel, { source: "cper", "cper.unit.text": "\\377%s" });
  noteKernel(context, "ras", "provoked", "sections of firmware that nobody knows (GHES)");

  await reportFirmwareError({
    section: sections.arm,
    severity: corrected,
    unitText: "core",
    data: armSection(),
  });
  const arm = await waitFor(kerntel, { source: "arm" });
  assert.equal(attribute(arm, "arm.midr"), "0x410fd034");
  assert.equal(attribute(arm, "arm.error"), "cache");
  assert.equal(attribute(arm, "arm.error_information"), "0x91000f");
  assert.equal(attribute(arm, "arm.physical_address"), "0xbeef");
  assert.equal(attribute(arm, "arm.running"), true);
  noteKernel(context, "ras", "provoked", "an ARM processor's error (GHES)");
  for (const source of ["cper", "arm"]) await assertAllTold(kerntel, source);
});

liveTest("a page of memory that is given up is told", async (context) => {
  const isOffered = existsSync("/sys/kernel/tracing/events/ras/memory_failure_event");
  if (!isDisposable || !isOffered) {
    context.skip("NOT TESTED: needs a virtual machine whose kernel gives up pages (CONFIG_MEMORY_FAILURE)");
    return;
  }
  const kerntel = await shareKerntel(settings);
  const answer = poisonPage();
  assert.notEqual(answer, EINVAL, "the kernel has the tracepoint and not the call");
  assert.equal(answer, 0);
  const line = await waitFor(kerntel, { source: "memory_failure", "page.result": "recovered" });
  assert.equal(line.severity, 17);
  assert.equal(line.attributes["error.type"], "uncorrected");
  assert.match(String(attribute(line, "page.type")), /lru|swapcache/);
  assert.match(String(attribute(line, "page.frame")), /^0x[0-9a-f]+$/);
  noteKernel(context, "ras", "provoked", "a poisoned page (madvise)");

  // Of a range that the kernel does not use: nobody loses anything.
  const address = BigInt(firmwareRegister) + 0x8000n;
  const { recoverable: severity } = firmwareSeverity;
  const data = memorySection(address);
  await reportFirmwareError({ section: sections.memory, severity, unitText: "DIMM A1", data });
  const told = await waitFor(kerntel, { source: "memory_failure", "page.frame": "0x10008" });
  assert.equal(told.severity, 17);
  noteKernel(context, "ras", "provoked", "memory that firmware calls bad (GHES)");
  await assertAllTold(kerntel, "memory_failure");
});
