/** What C++ throws where a thread or memory cannot be had. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fixture, live } from "./fixture.ts";

const child = fileURLToPath(new URL("children/scarce.ts", import.meta.url));

function run(...args: readonly string[]): unknown {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [child, ...args], {
    encoding: "utf8",
  });
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr.slice(-4_000));
  return JSON.parse(stdout);
}

/** A cgroup whose threads can be limited, in either version's hierarchy; undefined where there is no controller for it. */
function makeCgroup(): string | undefined {
  const first = "/sys/fs/cgroup/pids";
  if (existsSync(first)) return mkdtempSync(join(first, "bpf-loader-"));
  const root = "/sys/fs/cgroup";
  if (!existsSync(join(root, "cgroup.controllers"))) return undefined;
  const group = mkdtempSync(join(root, "bpf-loader-"));
  if (existsSync(join(group, "pids.max"))) return group;
  rmdirSync(group);
  return undefined;
}

test(
  "where pids.max leaves no thread, an error says so, and the next attempt may succeed",
  live,
  (context: TestContext) => {
    const group = makeCgroup();
    if (group === undefined) {
      context.skip("NOT TESTED: the controller pids is not there");
      return;
    }
    try {
      const failed = {
        name: "BpfError",
        code: "BPF_READER_FAILED",
        errno: "EAGAIN",
        message:
          "The thread that waits for the kernel could not be started, by pids.max of a cgroup, RLIMIT_NPROC or for want of memory: EAGAIN: Resource temporarily unavailable (start of a thread)",
      };
      assert.deepEqual(run("threads", group), [failed, failed, "done"]);
    } finally {
      rmdirSync(group);
    }
  },
);

test("where memory ends, an error says so, and the process lives on", live, (context: TestContext) => {
  if (/libasan/.test(process.env["LD_PRELOAD"] ?? "")) {
    context.skip("NOT TESTED: the sanitizer's allocator ends the process itself");
    return;
  }
  fixture("maps");
  const [refused, then] = run("memory") as [Record<string, unknown>, unknown];
  assert.deepEqual(refused, { name: "Error", errno: 12, message: "object_open: Cannot allocate memory" });
  assert.equal(then, "done");
});

test("no function reaches JavaScript but through what checks its arguments and catches what it throws", () => {
  const folder = fileURLToPath(new URL("../native/", import.meta.url));
  const offenders = readdirSync(folder).filter(
    (file) =>
      file !== "exports.h" &&
      /CallbackInfo &\w+\)|Function::New|exports\.Set/.test(readFileSync(folder + file, "utf8")),
  );
  assert.deepEqual(offenders, []);
});
