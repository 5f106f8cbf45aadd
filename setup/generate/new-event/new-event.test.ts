import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { compileObject } from "#bpf/compile/compile-object.ts";
import { findTools } from "#bpf/compile/find-tools.ts";
import { describeRecords } from "#bpf/layout/describe-records.ts";
import { loadKernelBtf, tracepointNames, tracepointParameters } from "#bpf/loader/source/btf/kernel.ts";
import { loadObjectBtf } from "#bpf/loader/source/btf/object.ts";
import { describeArguments } from "./hook-arguments.ts";
import { newEvent } from "./new-event.ts";
import { writeKernelHalf } from "./write-kernel-half.ts";

const tree = join(import.meta.dirname, "../../..");

function plant(context: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-new-event-"));
  context.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "events/oom"), { recursive: true });
  return root;
}

const refused: readonly (readonly [what: string, name: string, hook: string, said: RegExp])[] = [
  ["a name that is taken", "oom", "tp_btf/mark_victim", /The name oom is taken: .* events\/oom/],
  [
    "a name with capital letters",
    "OomKill",
    "tp_btf/mark_victim",
    /OomKill cannot name an event: .*lower-case/,
  ],
  ["a name with a double underscore", "oom__kill", "tp_btf/mark_victim", /oom__kill cannot name/],
  ["a name that is a path", "../oom", "tp_btf/mark_victim", /cannot name/],
  [
    "a hook of another kind",
    "kill",
    "kprobe/oom_kill",
    /kprobe\/oom_kill is not a hook of the form tp_btf\/HOOK/,
  ],
  [
    "a hook that the kernel does not have",
    "kill",
    "tp_btf/sched_proces_exit",
    /no tracepoint sched_proces_exit; .* The nearest are tp_btf\/sched_process_exit, /,
  ],
  [
    "a hook of which the kernel has only longer names",
    "kill",
    "tp_btf/sched_exit",
    /The nearest are .*tp_btf\/sched_process_exit/,
  ],
  ["a hook that is like none of the kernel's", "kill", "tp_btf/qqqqqqqqqqqqqq", /None has a similar name\./],
];

for (const [what, name, hook, said] of refused) {
  test(`${what} is refused with a sentence, and nothing is written`, async (context) => {
    const root = plant(context);
    await assert.rejects(newEvent({ root, name, hook }), said);
    assert.ok(name === "oom" || !existsSync(join(root, "events", name, "event.ts")));
  });
}

test("a kernel without BTF is refused with what it lacks", async (context) => {
  const root = plant(context);
  await assert.rejects(
    newEvent({ root, name: "kill", hook: "tp_btf/mark_victim", kernelBtfPath: join(root, "vmlinux") }),
    { code: "BTF_UNAVAILABLE", message: /CONFIG_DEBUG_INFO_BTF/ },
  );
  assert.ok(!existsSync(join(root, "events/kill")));
});

test("arguments keep the kernel's names, but for those that the record needs itself", () => {
  const btf = loadKernelBtf();
  const describe = (tracepoint: string): ReturnType<typeof describeArguments> =>
    describeArguments(btf, tracepointParameters(btf, tracepoint) ?? []);
  const [sig, info, task] = describe("signal_generate");
  assert.deepEqual(sig, {
    name: "sig",
    type: "__s32 ",
    field: { type: "__s32", sizeBytes: 4, attribute: "int" },
  });
  assert.deepEqual(info, { name: "info", type: "struct kernel_siginfo *", struct: "struct kernel_siginfo" });
  assert.equal(task?.name, "task");
  const [parameter] = tracepointParameters(btf, "signal_generate") ?? [];
  const typeId = parameter?.typeId ?? 0;
  const names = ["pid", "", "__nr", "pid_argument", "nr"].map((name) => ({ name, typeId }));
  assert.deepEqual(
    describeArguments(btf, names).map(({ name }) => name),
    ["pid_argument", "argument2", "nr", "pid_argument_argument", "nr_argument"],
  );
});

/** What an event needs to run; beside them a test and a README are written, and `npm run generate` writes the rest. */
const OWN_LINES = 110;
const OWN_FILES = 3;

for (const hook of ["tp_btf/sched_process_exit", "tp_btf/signal_generate"]) {
  test(`an event at ${hook} is at most ${OWN_LINES} lines in at most ${OWN_FILES} files`, async (context) => {
    const into = plant(context);
    const written = await newEvent({ root: tree, into, name: "minimal", hook });
    const beside = ["events/minimal/event.test.ts", "events/minimal/README.md"];
    const own = written.filter((path) => !beside.includes(path));
    const lines = own.map((path) => readFileSync(join(into, path), "utf8").split("\n").length - 1);
    const total = lines.reduce((sum, count) => sum + count, 0);
    context.diagnostic(`${total} lines: ${own.map((path, index) => `${path} ${lines[index]}`).join(", ")}`);
    assert.equal(own.length + beside.length, written.length);
    assert.ok(own.length <= OWN_FILES && total <= OWN_LINES, `${total} lines in ${own.length} files`);
  });
}

test("the kernel half compiles for tracepoints of every kind that this kernel has, and a record can be read", async (context) => {
  const root = plant(context);
  const btf = loadKernelBtf();
  const all = tracepointNames(btf);
  assert.ok(all.length > 100, `${all.length} tracepoints`);
  // All of them take a minute; these are of every subsystem, and one has the name of a helper function.
  const chosen = all.filter((name, index) => index % 40 === 0 || name === "bpf_trace_printk");
  const halves = chosen.map((tracepoint, index) => {
    const hookArguments = describeArguments(btf, tracepointParameters(btf, tracepoint) ?? []);
    const text = writeKernelHalf({
      name: `event${index}`,
      tracepoint,
      hookArguments,
      known: new Set(),
      takenWords: new Set(),
    });
    return text.replaceAll(/^(#include|char LICENSE).*$/gm, (line) => (index === 0 ? line : ""));
  });
  writeFileSync(join(root, "all.bpf.c"), halves.join("\n"));
  symlinkSync(join(tree, "bpf"), join(root, "bpf"));
  await compileObject({ root, source: "all.bpf.c", output: "all.bpf.o", tools: findTools() });
  const records = describeRecords(loadObjectBtf(join(root, "all.bpf.o")));
  assert.equal(records.length, chosen.length);
});
