/** The two output streams of the process, and what else in it would write to them. */
import { fstatSync } from "node:fs";
import { Writable } from "node:stream";
import { Output, describeLoss } from "./output.ts";
import { openSink } from "./sink.ts";
import type { Sink } from "./sink.ts";

export interface Outputs {
  readonly out: Output;
  readonly err: Output;
}

/**
 * Opens stdout and stderr. From then on they also take what libraries and Node itself print (`console`,
 * `process.stdout`, warnings), because Node's own streams stop the process together with a terminal.
 */
export function openStandardOutputs(): Outputs {
  const sink = openSink(1);
  // `2>&1`: one file gets whole lines, one after the other.
  const sinks = isSameFile(1, 2) ? shareSink(sink) : ([sink, openSink(2)] as const);
  const err = new Output({ name: "stderr", sink: sinks[1] });
  const out = new Output({
    name: "stdout",
    sink: sinks[0],
    onLoss: (sentence) => {
      err.writeLine(sentence);
    },
  });
  Object.defineProperty(process, "stdout", { value: asStream(out), configurable: true });
  Object.defineProperty(process, "stderr", { value: asStream(err), configurable: true });
  process.removeAllListeners("warning");
  process.on("warning", ({ name, message }) => {
    err.writeLine(`kerntel: ${name}: ${message}`);
  });
  return { out, err };
}

/** With the five seconds that destinations get, less than the ten after which container runtimes kill. */
const CLOSE_LIMIT_MS = 4_000;
const LAST_WORD_LIMIT_MS = 500;

/**
 * Waits until both are read, with a limit, and says on the other one what was lost. Returns whether a write still hangs
 * that `process.exit` would wait for, on a frozen filesystem or a terminal that may not be opened anew.
 */
export async function closeOutputs(
  { out, err }: Outputs,
  limitMs: number = CLOSE_LIMIT_MS,
): Promise<boolean> {
  const [lostOut, lostErr] = await Promise.all([out.drain(limitMs), err.drain(limitMs)]);
  if (lostOut > 0) err.writeLine(`kerntel: ${describeLoss(lostOut, out)}`);
  // A program that reads JSON must get nothing else.
  if (lostErr > 0 && !out.isJson) out.writeLine(`kerntel: ${describeLoss(lostErr, err)}`);
  await Promise.all([out.drain(LAST_WORD_LIMIT_MS), err.drain(LAST_WORD_LIMIT_MS)]);
  return out.isStuck || err.isStuck;
}

function isSameFile(one: number, other: number): boolean {
  const [{ dev, ino }, { dev: otherDev, ino: otherIno }] = [fstatSync(one), fstatSync(other)];
  return dev === otherDev && ino === otherIno;
}

/** Two that write in turn, each a whole batch. */
function shareSink(sink: Sink): readonly [Sink, Sink] {
  const waiting: (() => void)[] = [];
  let isWriting = false;
  const next = (): void => {
    if (isWriting) return;
    const start = waiting.shift();
    isWriting = start !== undefined;
    start?.();
  };
  const turn: Sink = {
    isFile: sink.isFile,
    write: (bytes, done) => {
      waiting.push(() => {
        sink.write(bytes, (error) => {
          isWriting = false;
          done(error);
          next();
        });
      });
      next();
    },
  };
  return [turn, turn];
}

/** A stream for those who know only streams. */
function asStream(output: Output): Writable {
  let rest = "";
  return new Writable({
    decodeStrings: false,
    defaultEncoding: "utf8",
    write: (chunk: string | Buffer, _encoding, done) => {
      const lines = (rest + chunk.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) output.writeLine(line);
      done();
    },
  });
}
