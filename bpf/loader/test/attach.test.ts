import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, test } from "node:test";
import { probeAttach } from "../source/index.ts";
import type { LoadedObject } from "../source/index.ts";
import { bpfDescriptors, live, load, until } from "./fixture.ts";

function runs(object: LoadedObject, program: string): bigint {
  const counters = object.map(".bss").lookup(0) as Record<string, bigint>;
  return counters[`${program.replace("on_", "")}_runs`] ?? -1n;
}

describe("attaching a program", live, () => {
  for (const kind of ["raw_tp", "tp_btf", "tracepoint"] as const) {
    test(`of section ${kind} lets it run until its link is closed`, (context) => {
      const available = probeAttach(kind);
      if (available.answer !== "yes") return context.skip(available.why);
      const program = `on_${kind}`;
      using object = load("hooks", { programs: [program] });
      const link = object.attach(program);
      execFileSync("true");
      const counted = runs(object, program);
      assert.ok(counted > 0n);
      link.close();
      link.close();
      const after = runs(object, program);
      execFileSync("true");
      assert.equal(runs(object, program), after);
      return undefined;
    });
  }

  test("of type perf_event lets every CPU's clock run it", async () => {
    using object = load("hooks", { programs: ["on_clock"] });
    using link = object.attach("on_clock", { clock: { frequencyHz: 200 } });
    await until(() => runs(object, "on_clock") > 5n, "runs of on_clock");
    link.close();
    const after = runs(object, "on_clock");
    execFileSync("true");
    assert.equal(runs(object, "on_clock"), after);
  });

  test("of type perf_event needs a clock that makes sense", () => {
    using object = load("hooks", { programs: ["on_clock"] });
    assert.throws(() => object.attach("on_clock"), { code: "BPF_ATTACH_FAILED", program: "on_clock" });
    assert.throws(() => object.attach("on_clock", { clock: { periodNs: 0 } }), {
      code: "BPF_ARGUMENT_INVALID",
    });
  });

  test("of section iter reads from the kernel when asked", () => {
    using object = load("hooks", { programs: ["list_tasks"] });
    using link = object.attach("list_tasks");
    const bytes = link.iterate();
    const pids = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    assert.ok(pids.includes(process.pid));
    assert.ok(link.iterate().length > 0);
    link.close();
    assert.throws(() => link.iterate(), { code: "BPF_CLOSED" });
  });

  test("refuses to iterate what is no iterator", () => {
    using object = load("hooks", { programs: ["on_raw_tp"] });
    using link = object.attach("on_raw_tp");
    assert.throws(() => link.iterate(), { code: "BPF_RUN_FAILED" });
  });

  for (const [program, target] of [
    ["attaches_nowhere", /no_such_tracepoint/],
    ["probes_nothing", /no_such_function/],
  ] as const) {
    test(`names a hook that does not exist: ${program}`, () => {
      using object = load("rejected", { programs: [program] });
      const code = "BPF_ATTACH_FAILED";
      assert.throws(() => object.attach(program), { code, program, phase: "attach", message: target });
    });
  }

  test("ends when the object is closed", () => {
    const before = bpfDescriptors();
    const object = load("hooks", { programs: ["on_raw_tp"] });
    const link = object.attach("on_raw_tp");
    assert.ok(bpfDescriptors().length > before.length + 2);
    object.close();
    assert.deepEqual(bpfDescriptors(), before);
    link.close();
  });

  test("runs a raw tracepoint by hand with its arguments", () => {
    using object = load("ring");
    const context = new Uint8Array(BigUint64Array.of(5n, 3n).buffer);
    const { returnValue, durationNs } = object.program("produce_raw").run({ context, repeat: 2 });
    assert.equal(returnValue, 3);
    assert.ok(durationNs > 0);
    assert.deepEqual(object.map(".bss").lookup(0), { produced: 6n });
  });

  test("says what is wrong with a run by hand", () => {
    using object = load("ring");
    const program = object.program("produce_raw");
    assert.throws(() => program.run({ repeat: 0 }), { code: "BPF_ARGUMENT_INVALID" });
    assert.throws(() => program.run({ context: "x" as never }), { code: "BPF_ARGUMENT_INVALID" });
    const code = "BPF_RUN_FAILED";
    assert.throws(() => program.run({ context: new Uint8Array(4096) }), {
      code,
      errno: "EINVAL",
      program: "produce_raw",
    });
  });
});
