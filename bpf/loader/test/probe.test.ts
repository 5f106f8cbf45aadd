import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as loader from "../source/index.ts";
import type { AttachKind, ProbeAnswer } from "../source/index.ts";
import { live, load } from "./fixture.ts";

function assertAnswer(answer: ProbeAnswer): void {
  if (answer.answer === "yes") assert.deepEqual(answer, { answer: "yes" });
  else assert.ok(answer.why.length > 10, `a reason: ${answer.why}`);
}

describe("probes of hooks", live, () => {
  const kinds: AttachKind[] = ["raw_tp", "tp_btf", "tracepoint", "kprobe", "fentry", "perf_event", "iter"];
  for (const kind of kinds) {
    test(`answer for ${kind} with yes or with a reason`, () => {
      const answer = loader.probeAttach(kind);
      assertAnswer(answer);
      assert.notEqual(answer.answer, "unknown");
      // Root with all capabilities: a refusal is the kernel's.
      if (answer.answer === "no") assert.doesNotMatch(answer.why, /lacks|root/);
      assert.equal(loader.probeAttach(kind), answer, "the answer is kept");
    });
  }

  for (const [kind, program] of [
    ["raw_tp", "on_raw_tp"],
    ["tp_btf", "on_tp_btf"],
    ["tracepoint", "on_tracepoint"],
    ["iter", "list_tasks"],
  ] as const) {
    test(`say of ${kind} what attaching then shows`, () => {
      let isAttached = true;
      try {
        using object = load("hooks", { programs: [program] });
        object.attach(program);
      } catch {
        isAttached = false;
      }
      assert.equal(loader.probeAttach(kind).answer, isAttached ? "yes" : "no");
    });
  }

  test("do not know a hook that nobody has heard of", () => {
    assert.equal(loader.probeAttach("telepathy" as never).answer, "unknown");
  });

  test("answer for program types, as libbpf names them", () => {
    for (const type of ["raw_tracepoint", "tracing", "syscall", "kprobe", "lsm", "xdp"])
      assertAnswer(loader.probeProgramType(type));
    // These two are what every other live test here is made of.
    assert.equal(loader.probeProgramType("syscall").answer, "yes");
    assert.equal(loader.probeProgramType("raw_tracepoint").answer, "yes");
    assert.equal(loader.probeProgramType("nope").answer, "unknown");
    assert.equal(loader.probeProgramType("unspec").answer, "unknown");
  });
});

describe("probes of the kernel's types", () => {
  test("find a tracepoint with its number of arguments", () => {
    const answer = loader.probeTracepoint("sched_process_exit");
    assert.ok(answer.answer === "yes" && answer.argumentCount >= 1);
    const freed = loader.probeTracepoint("kfree_skb");
    assert.ok(freed.answer === "yes" && freed.argumentCount >= 2);
    assert.equal(loader.probeTracepoint("no_such_tracepoint").answer, "no");
  });

  for (const [title, answer, expected] of [
    ["a struct", () => loader.probeType("task_struct"), "yes"],
    ["no type", () => loader.probeType("no_such_type"), "no"],
    ["a field", () => loader.probeField("task_struct", "comm"), "yes"],
    ["no field", () => loader.probeField("task_struct", "no_such_field"), "no"],
    ["a field of no type", () => loader.probeField("no_such_type", "field"), "no"],
    ["BTF", () => loader.probeKernelBtf(), "yes"],
  ] as const) {
    test(`answer ${expected} for ${title}`, () => {
      assertAnswer(answer());
      assert.equal(answer().answer, expected);
    });
  }

  test("know the names of enum values", () => {
    assert.equal(loader.enumNames("bpf_map_type").get(1), "BPF_MAP_TYPE_HASH");
    assert.equal(loader.enumNames("no_such_enum").size, 0);
  });

  test("without BTF name the option of the kernel, and do not guess", () => {
    const options = { kernelBtfPath: "/no/such/btf" };
    const answer = loader.probeKernelBtf(options);
    assert.ok(answer.answer === "no" && answer.why.includes("CONFIG_DEBUG_INFO_BTF"));
    assert.equal(loader.probeTracepoint("kfree_skb", options).answer, "unknown");
    assert.equal(loader.probeType("task_struct", options).answer, "unknown");
    assert.equal(loader.probeField("task_struct", "comm", options).answer, "unknown");
    assert.equal(loader.enumNames("bpf_map_type", options).size, 0);
  });
});
