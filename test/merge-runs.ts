/** Several runs of node:test, one after the other, as one stream of events with one summary at its end. */
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";

export interface TestGroup {
  /** Relative to the root. */
  readonly files: readonly string[];
  /** How many files at the same time. */
  readonly concurrency: number;
  /** Why the files are not run; each counts as one skipped test. */
  readonly skip?: string;
}

type Counts = Record<"tests" | "suites" | "passed" | "failed" | "cancelled" | "skipped" | "todo", number>;

const timeoutMs = 20 * 60 * 1000;

/** Ends with what node:test says at the end of one run: one `test:summary` without a file, and the counts. */
export async function* mergeRuns(root: string, groups: readonly TestGroup[]): AsyncGenerator<TestEvent> {
  const startedAtMs = performance.now();
  const counts: Counts = { tests: 0, suites: 0, passed: 0, failed: 0, cancelled: 0, skipped: 0, todo: 0 };
  for (const { files, concurrency, skip } of groups) {
    if (files.length === 0) continue;
    const events =
      skip === undefined
        ? run({ cwd: root, files: [...files], concurrency, timeout: timeoutMs })
        : skipFiles(files, skip);
    for await (const event of events as AsyncIterable<TestEvent>) {
      if (!isEnd(event)) yield event;
      else if (event.type === "test:summary") addCounts(counts, event.data.counts as unknown as Counts);
    }
  }
  yield* summarize(counts, performance.now() - startedAtMs);
}

/** The counts of one run, or its summary; a summary with a file is of that file only. */
function isEnd({ type, data }: TestEvent): boolean {
  if (type === "test:summary") return data.file === undefined;
  return type === "test:diagnostic" && data.nesting === 0 && data.file === undefined;
}

function addCounts(sum: Counts, counts: Counts): void {
  for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
}

function* skipFiles(files: readonly string[], reason: string): Generator<TestEvent> {
  for (const [index, name] of files.entries()) {
    const details = { duration_ms: 0, type: "test" as const };
    const data = {
      name,
      nesting: 0,
      testNumber: index + 1,
      testId: 0,
      parentId: 0,
      tags: [],
      skip: reason,
      details,
    };
    yield { type: "test:start", data } as unknown as TestEvent;
    yield { type: "test:pass", data } as unknown as TestEvent;
  }
  const counts = {
    tests: files.length,
    suites: 0,
    passed: 0,
    failed: 0,
    cancelled: 0,
    skipped: files.length,
    todo: 0,
  };
  yield { type: "test:summary", data: { success: true, counts, duration_ms: 0 } } as unknown as TestEvent;
}

/** The summary makes the reporter list what failed; the counts come after it, so that they are the last lines. */
function* summarize(counts: Counts, durationMs: number): Generator<TestEvent> {
  const { tests, suites, passed: pass, failed: fail, cancelled, skipped, todo } = counts;
  const success = fail === 0 && cancelled === 0;
  yield { type: "test:summary", data: { success, counts, duration_ms: durationMs } } as unknown as TestEvent;
  const spoken = { tests, suites, pass, fail, cancelled, skipped, todo, duration_ms: durationMs };
  for (const [name, value] of Object.entries(spoken)) {
    yield { type: "test:diagnostic", data: { nesting: 0, message: `${name} ${value}`, level: "info" } };
  }
}
