import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Output } from "./output.ts";
import type { OutputOptions } from "./output.ts";
import type { Sink } from "./sink.ts";

/** Takes a batch when `take` is called. */
class SlowSink implements Sink {
  isFile = false;
  text = "";
  #pending: { bytes: Buffer; done: (error?: Error) => void } | undefined;

  write(bytes: Buffer, done: (error?: Error) => void): void {
    assert.equal(this.#pending, undefined, "one write at a time");
    this.#pending = { bytes, done };
  }

  take(error?: Error): boolean {
    const pending = this.#pending;
    this.#pending = undefined;
    if (error === undefined) this.text += pending?.bytes.toString("utf8") ?? "";
    pending?.done(error);
    return pending !== undefined;
  }

  takeAll(): string[] {
    while (this.take());
    return this.text.split("\n").slice(0, -1);
  }
}

function make(options: Partial<OutputOptions> = {}): { sink: SlowSink; output: Output } {
  const sink = new SlowSink();
  return { sink, output: new Output({ name: "stdout", sink, ...options }) };
}

const failure = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

test("a reader that is late gets every line while no more than the limit waits", () => {
  const { sink, output } = make();
  const lines = Array.from({ length: 1_000 }, (_, index) => `${index} ${"x".repeat(1_000)}`);
  for (const line of lines) output.writeLine(line);
  assert.deepEqual(sink.takeAll(), lines);
  assert.deepEqual(output.counts(), { written: 1_000, dropped: 0 });
});

test("over the limit whole lines are dropped and counted, and text says so where they are missing", () => {
  const { sink, output } = make({ limitBytes: 100 });
  for (let index = 0; index < 30; index += 1) output.writeLine(`line ${index}`);
  assert.deepEqual(output.counts(), { written: 0, dropped: 30 - 13 });
  sink.take();
  sink.take();
  output.writeLine("again");
  const lines = sink.takeAll();
  assert.deepEqual(lines.slice(12), [
    "line 12",
    "kerntel: 17 lines for stdout lost: they were not read in time",
    "again",
  ]);
});

test("JSON stays JSON where lines are dropped, and the sentence goes elsewhere", () => {
  const sentences: string[] = [];
  const { sink, output } = make({ limitBytes: 50, onLoss: (sentence) => sentences.push(sentence) });
  for (let index = 0; index < 30; index += 1) output.writeJsonLine(`{"index":${index}}`);
  sink.takeAll();
  output.writeJsonLine(`{"index":30}`);
  for (const line of sink.takeAll()) JSON.parse(line);
  assert.deepEqual(sentences, [
    `kerntel: ${output.counts().dropped} lines for stdout lost: they were not read in time`,
  ]);
});

test("a query waits for its reader and loses nothing", async () => {
  const { sink, output } = make({ limitBytes: 1_000 });
  const lines = Array.from({ length: 500 }, (_, index) => `{"text":"${"y".repeat(1_000)}","index":${index}}`);
  const sent = (async () => {
    for (const line of lines) assert.ok(await output.deliver(line, "json"));
    await output.delivered();
  })();
  const taking = setInterval(() => sink.take(), 1);
  await sent;
  clearInterval(taking);
  assert.deepEqual(sink.takeAll(), lines);
});

test("a reader that goes away ends a query quietly", async () => {
  const { sink, output } = make();
  assert.ok(await output.deliver("one", "text"));
  sink.take(failure("EPIPE"));
  assert.equal(await output.deliver("two", "text"), false);
  await output.delivered();
  await output.gone;
  output.writeLine("three");
  assert.deepEqual(output.counts(), { written: 0, dropped: 2 });
});

test("a disk that is full fails a query with the reason", async () => {
  const { sink, output } = make();
  sink.isFile = true;
  await output.deliver("one", "text");
  sink.take(failure("ENOSPC"));
  await assert.rejects(output.delivered(), {
    code: "OUTPUT_FAILED",
    message: "cannot write to stdout: ENOSPC: no",
  });
});

test("a disk that was full is written again once there is room", async () => {
  const { sink, output } = make();
  sink.isFile = true;
  output.writeLine("one");
  sink.take(failure("ENOSPC"));
  output.writeLine("two");
  assert.deepEqual(sink.takeAll(), ["two"]);
  assert.equal(await output.drain(0), 1);
});

test("draining ends with the limit and says how many lines are lost, once", async () => {
  const { output } = make();
  for (const line of ["one", "two", "three"]) output.writeLine(line);
  assert.equal(await output.drain(10), 3);
  assert.equal(await output.drain(0), 0);
});

test("draining ends as soon as everything was read", async () => {
  const { sink, output } = make();
  output.writeLine("one");
  const drained = output.drain(1_000_000);
  await sleep(1);
  sink.takeAll();
  assert.equal(await drained, 0);
});

test("no text can act on a terminal or pass for a line of its own", () => {
  const { sink, output } = make();
  output.writeLine("kerntel: refused: \u001b[2J\u009b\u202e\u007f\u0085 one\nkerntel: ready\n");
  output.writeJsonLine(`{"body":"\u009b\u202e"}`);
  assert.deepEqual(sink.takeAll(), [
    "kerntel: refused: \\u{1b}[2J\\u{9b}\\u{202e}\\u{7f}\\u{85} one\\nkerntel: ready",
    `{"body":"\\u009b\\u202e"}`,
  ]);
});
