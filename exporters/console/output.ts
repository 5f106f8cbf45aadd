/** Owns one output stream of the process: every line for it goes through here, escaped, bounded and accounted for. */
import { CodedError, readErrorCode } from "../coded-error.ts";
import { escapeJson, escapeText } from "./escape.ts";
import type { Sink } from "./sink.ts";

const LIMIT_BYTES = 1024 * 1024;
/** PIPE_BUF of Linux: a pipe takes so much whole or not at all (pipe(7)), so lines of two writers do not mix. */
const BATCH_BYTES = 4_096;
/** What `deliver` lets wait: enough that the sink is never idle. */
const DELIVERY_BYTES = 16 * BATCH_BYTES;

export interface OutputCounts {
  /** Lines that the kernel has taken. */
  readonly written: number;
  /** Lines that were left out because too much waited, nothing read the stream, or writing failed. */
  readonly dropped: number;
}

export interface OutputOptions {
  readonly name: "stdout" | "stderr";
  readonly sink: Sink;
  /** At most so much waits; 1 MiB where left out. */
  readonly limitBytes?: number;
  /** Receives a sentence about lines of JSON that were dropped; a stream of text has it in their place. */
  readonly onLoss?: (sentence: string) => void;
}

export class Output {
  readonly name: "stdout" | "stderr";
  /** Resolves when the stream can never be written again, because its reader went away. */
  readonly gone: Promise<void>;
  readonly #sink: Sink;
  readonly #limitBytes: number;
  readonly #onLoss: (sentence: string) => void;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isWriting = false;
  #isGone = false;
  #isJson = false;
  #isOverflowing = false;
  /** Lines that were lost and not yet mentioned to anyone. */
  #unsaid = 0;
  #written = 0;
  #dropped = 0;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;
  #change: Promise<void> = Promise.resolve();
  #end: () => void = () => undefined;

  constructor({ name, sink, limitBytes = LIMIT_BYTES, onLoss = () => undefined }: OutputOptions) {
    this.name = name;
    this.#sink = sink;
    this.#limitBytes = limitBytes;
    this.#onLoss = onLoss;
    this.gone = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#renewChange();
  }

  /** Whether JSON was written, so that a sentence for people does not belong here. */
  get isJson(): boolean {
    return this.#isJson;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** One line for people; a line break at its end may be left out. Returns at once: it is dropped where too much waits. */
  writeLine(text: string): void {
    this.#offer(escapeText(text.endsWith("\n") ? text.slice(0, -1) : text));
  }

  /** One line that is JSON. Returns at once: it is dropped where too much waits. */
  writeJsonLine(json: string): void {
    this.#isJson = true;
    this.#offer(escapeJson(json));
  }

  /**
   * As the two above, for a command of which every line counts: waits for room and drops nothing. False when the reader
   * went away. Throws `OUTPUT_FAILED` when a line could not be written for another reason.
   */
  async deliver(line: string, format: "text" | "json"): Promise<boolean> {
    await this.#until(() => this.#waitingBytes < DELIVERY_BYTES);
    this.#throwFailure();
    if (this.#isGone) return false;
    this.#isJson ||= format === "json";
    this.#push(format === "json" ? escapeJson(line) : escapeText(line));
    return true;
  }

  /** Waits, as long as it takes, until everything that was delivered is read or the reader is gone. Throws as `deliver`. */
  async delivered(): Promise<void> {
    await this.#until(() => this.#waitingBytes === 0);
    this.#throwFailure();
  }

  /** Waits until nothing waits any more, at most `limitMs`. Returns how many lines are lost and were not mentioned yet. */
  async drain(limitMs: number): Promise<number> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, limitMs);
    });
    await Promise.race([limit, this.#until(() => this.#waitingBytes === 0)]);
    clearTimeout(timer);
    const lost = this.#unsaid + this.#waiting.length;
    // They may still be written before the process ends, but they are mentioned once.
    this.#unsaid = -this.#waiting.length;
    return this.#isGone ? 0 : lost;
  }

  counts(): OutputCounts {
    return { written: this.#written, dropped: this.#dropped };
  }

  /** Whether a write hangs that the end of the process would wait for. */
  get isStuck(): boolean {
    return this.#isWriting && this.#sink.isFile;
  }

  /** Why lines were lost, where it is known. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  #offer(line: string): void {
    if (this.#waitingBytes > 0 && this.#waitingBytes + Buffer.byteLength(line) > this.#limitBytes)
      this.#isOverflowing = true;
    if (this.#isGone || this.#isOverflowing) this.#lose(1);
    else this.#push(line);
  }

  /** A reader that is slow gets gaps that are long and few, and a note of each. */
  #endOverflow(): void {
    if (!this.#isOverflowing || this.#isGone || this.#waitingBytes > this.#limitBytes / 2) return;
    this.#isOverflowing = false;
    const sentence = `kerntel: ${describeLoss(this.#unsaid, this)}`;
    this.#unsaid = 0;
    if (this.#isJson) this.#onLoss(sentence);
    else this.#push(escapeText(sentence));
  }

  #push(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.#write();
  }

  #write(): void {
    while (!this.#isWriting && !this.#isGone && this.#waiting.length > 0) {
      const count = this.#countBatch();
      const batch = Buffer.concat(this.#waiting.slice(0, count));
      this.#isWriting = true;
      let isAtOnce = true;
      this.#sink.write(batch, (error) => {
        this.#isWriting = false;
        this.#waiting.splice(0, count);
        this.#waitingBytes -= batch.length;
        if (error === undefined) this.#written += count;
        else this.#fail(error, count);
        this.#endOverflow();
        this.#notify();
        if (!isAtOnce) this.#write();
      });
      isAtOnce = false;
    }
  }

  #countBatch(): number {
    let count = 1;
    let bytes = this.#waiting[0]?.length ?? 0;
    while ((bytes += this.#waiting[count]?.length ?? Number.POSITIVE_INFINITY) <= BATCH_BYTES) count += 1;
    return count;
  }

  #fail(error: Error, count: number): void {
    this.#lose(count);
    const isReaderGone = ["EPIPE", "ECONNRESET"].includes(readErrorCode(error));
    if (!isReaderGone) this.#failure ??= error;
    if (!isReaderGone && this.#sink.isFile) return;
    this.#isGone = true;
    this.#lose(this.#waiting.length);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#end();
  }

  #lose(count: number): void {
    this.#dropped += count;
    this.#unsaid += count;
  }

  #throwFailure(): void {
    const cause = this.#failure;
    if (cause === undefined) return;
    throw new CodedError("OUTPUT_FAILED", `cannot write to ${this.name}: ${cause.message}`, cause);
  }

  async #until(isMet: () => boolean): Promise<void> {
    while (!this.#isGone && !isMet()) await this.#change;
  }

  #notify(): void {
    this.#wake();
    this.#renewChange();
  }

  #renewChange(): void {
    this.#change = new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Half a sentence for people. */
export function describeLoss(lines: number, { name, failure }: Pick<Output, "name" | "failure">): string {
  const what = lines === 1 ? "1 line" : `${lines} lines`;
  return `${what} for ${name} lost: ${failure === undefined ? "they were not read in time" : failure.message}`;
}
