import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, test } from "node:test";
import { BpfError, VerifierError, openObject } from "../source/index.ts";
import { fixture, live, load } from "./fixture.ts";

describe("loading an object", live, () => {
  test("gives constants their values before the verifier sees them", () => {
    const constants = { limit: 2n ** 63n, offset: -7, label: "abc", paint: 7, narrow: 65535 };
    using object = load("maps", { constants });
    const context = new Uint8Array(8);
    const { returnValue } = object.program("read_constants").run({ context });
    assert.equal(returnValue, 2 ** 32 - 7);
    assert.equal(new DataView(context.buffer).getBigUint64(0, true), 2n ** 63n);
    assert.deepEqual(object.map(".rodata").lookup(0), {
      limit: 2n ** 63n,
      offset: -7,
      label: "abc",
      paint: 7,
      enabled: false,
    });
    assert.deepEqual(object.map(".rodata.narrow").lookup(0), { narrow: 65535 });
  });

  test("takes true for a bool", () => {
    using object = load("maps", { constants: { enabled: true } });
    assert.equal(object.program("read_constants").run({ context: new Uint8Array(8) }).returnValue, 3);
  });

  test("resizes maps", () => {
    using open = openObject(fixture("maps"));
    open.setMaxEntries("array", 100);
    using object = open.load();
    assert.equal(object.map("array").capacity, 100);
    object.map("array").update(99, 1n);
  });

  test("loads only the programs that were named", () => {
    using object = load("hooks", { programs: ["on_request"] });
    assert.ok(object.program("on_request").fd > 0);
    assert.throws(() => object.program("on_raw_tp"), { code: "BPF_NOT_FOUND", message: /was not loaded/ });
    assert.throws(() => object.attach("on_raw_tp"), { code: "BPF_NOT_FOUND", phase: "attach" });
    assert.throws(() => object.program("nope"), { code: "BPF_NOT_FOUND", program: "nope" });
  });

  test("says why the verifier refused a program, in one line and in full", () => {
    assert.throws(
      () => load("rejected", { programs: ["reads_wild_pointer"] }),
      (error: unknown) => {
        assert.ok(error instanceof VerifierError);
        assert.equal(error.code, "BPF_VERIFIER_REJECTED");
        assert.equal(error.phase, "load");
        assert.equal(error.program, "reads_wild_pointer");
        assert.equal(error.errno, "EACCES");
        assert.match(error.line, /invalid mem access/);
        assert.doesNotMatch(error.message, /processed \d+ insns/);
        assert.match(error.log, /processed \d+ insns/);
        assert.ok(error.message.includes(error.line));
        return true;
      },
    );
  });

  for (const [program, missing] of [
    ["misses_field", /no struct task_struct\.no_such_field/],
    ["misses_type", /no struct no_such_struct\.field/],
  ] as const) {
    test(`names what the kernel lacks for program ${program}`, () => {
      const code = "BPF_RELOCATION_FAILED";
      assert.throws(() => load("rejected", { programs: [program] }), {
        code,
        program,
        phase: "load",
        message: missing,
      });
    });
  }

  test("names a tracepoint that the kernel does not have", () => {
    assert.throws(() => load("rejected", { programs: ["misses_tracepoint"] }), {
      code: "BPF_LOAD_FAILED",
      errno: "ESRCH",
      program: "misses_tracepoint",
      message: /no_such_tracepoint/,
    });
  });

  test("closes the object that could not be loaded", () => {
    const object = openObject(fixture("rejected"), { programs: ["misses_type"] });
    assert.throws(() => object.load(), BpfError);
    assert.throws(() => object.load(), { code: "BPF_CLOSED" });
    object.close();
  });

  test("hands the object over, so that it cannot be loaded twice", () => {
    using open = openObject(fixture("maps"));
    using object = open.load();
    assert.throws(() => open.load(), { code: "BPF_CLOSED" });
    open.close();
    assert.ok(object.map("array"));
  });

  test("refuses a map that the kernel cannot make, by the map's name", () => {
    assert.throws(() => load("impossible"), {
      code: "BPF_LOAD_FAILED",
      errno: "E2BIG",
      message: /'too_wide'/,
    });
  });

  test("without privilege names the capabilities, does not speak of ulimit, and prints nothing", () => {
    const index = new URL("../source/index.ts", import.meta.url).href;
    const script = `
      import { openObject } from ${JSON.stringify(index)};
      const object = openObject(${JSON.stringify(fixture("maps"))});
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      try { object.load(); } catch (error) { console.log(JSON.stringify({ ...error, message: error.message })); }`;
    const child = spawnSync(process.execPath, ["--input-type=module-typescript", "--eval", script], {
      encoding: "utf8",
    });
    assert.equal(child.stderr, "");
    const error = JSON.parse(child.stdout) as { code: string; errno: string; message: string };
    assert.equal(error.code, "BPF_LOAD_FAILED");
    assert.equal(error.errno, "EPERM");
    assert.match(error.message, /lacks CAP_BPF and CAP_PERFMON/);
    assert.doesNotMatch(error.message, /ulimit|RLIMIT/i);
  });

  test("can be closed twice, and is of no use afterwards", () => {
    const object = load("ring");
    const program = object.program("produce");
    const map = object.map("lost");
    object.close();
    object.close();
    for (const use of [
      () => object.map("lost"),
      () => object.program("produce"),
      () => object.attach("produce_raw"),
      () => object.ringReader("ring", {}, () => {}),
      () => program.run(),
      () => program.fd,
      () => program.statistics(),
      () => map.lookup(0),
      () => [...map],
      () => map.update(0, []),
      () => map.delete(0),
    ])
      assert.throws(use, { name: "BpfError", code: "BPF_CLOSED" });
  });
});
