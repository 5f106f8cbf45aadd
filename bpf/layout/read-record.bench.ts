/** How long one record takes to read: `node bpf/layout/read-record.bench.ts`. */
import { sampleRecordLayout } from "./fixtures/sample.generated.ts";

const recordCount = 64;
const rounds = 20_000;
const { sizeBytes } = sampleRecordLayout;
const view = new DataView(new ArrayBuffer(recordCount * sizeBytes));
for (let index = 0; index < recordCount; index++) {
  const at = index * sizeBytes;
  for (const [step, offset] of [48, 56, 80, 88].entries())
    view.setBigUint64(at + offset, 0xffff_ffff_8100_0000n + BigInt(step), true);
  for (const [step, byte] of Buffer.from("java-worker").entries()) view.setUint8(at + 100 + step, byte);
  view.setUint32(at + 128, 0xffff);
  view.setUint32(at + 132, 0x0a000001);
}

for (let run = 0; run < 5; run++) {
  let checksum = 0;
  const started = performance.now();
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < recordCount; index++) {
      const record = sampleRecordLayout.read(view, index * sizeBytes);
      checksum += record.victim.comm.length + record.stack.length;
    }
  }
  const nanosecondsEach = ((performance.now() - started) * 1e6) / (rounds * recordCount);
  process.stdout.write(`${nanosecondsEach.toFixed(0)} ns per record of ${sizeBytes} bytes (${checksum})\n`);
}
