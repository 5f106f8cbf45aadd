/** What the kernel says, as it says it: new records of /dev/kmsg (Documentation/ABI/testing/dev-kmsg). */
import { requireText } from "./argument.ts";
import { decodeKernelText } from "./btf/text.ts";
import { Lifetime } from "./lifetime.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { KernelLogHandle } from "./native.ts";
import { forgetReader, registerReader } from "./ring-dispatch.ts";

export interface KernelLogRecord {
  /** From 0, LOG_EMERG. */
  readonly level: number;
  /** 0: the kernel itself; a process that writes to /dev/kmsg cannot have it. */
  readonly facility: number;
  readonly sequence: number;
  /** Since boot, by the clock of printk, which begins somewhat later than others. */
  readonly timeUs: number;
  readonly text: string;
}

export interface KernelLogHandlers {
  readonly onRecord: (record: KernelLogRecord) => void;
  /** Records were overwritten before they were read. */
  readonly onOverrun: () => void;
  /** It cannot be read any more, and is closed. */
  readonly onFailed: (error: unknown) => void;
}

/** CONSOLE_EXT_LOG_MAX, include/linux/printk.h. */
const RECORD_BYTES = 8_192;
/** The rest waits for the next turn of the event loop. */
const RECORDS_PER_TURN = 128;
const LOST = -1;
const failed = {
  code: "BPF_KERNEL_LOG_FAILED",
  phase: "log",
  failure: "The kernel's log could not be followed",
  capabilities: ["CAP_SYSLOG"],
} as const;

/**
 * From now on; records that are there already are left out. Wakes up with a new record and does nothing in between;
 * does not keep the process alive. Throws a `BpfError` with the code `BPF_KERNEL_LOG_FAILED`, where the file is
 * missing or needs CAP_SYSLOG.
 */
export function followKernelLog(handlers: KernelLogHandlers, path: string = "/dev/kmsg"): KernelLog {
  requireText("path", path, "log");
  return new KernelLog(handlers, path);
}

export class KernelLog implements Disposable {
  readonly #handlers: KernelLogHandlers;
  readonly #lifetime = new Lifetime("Kernel log");
  readonly #buffer = Buffer.alloc(RECORD_BYTES);
  readonly #id: number;
  readonly #log: KernelLogHandle;

  /** Use `followKernelLog`. */
  constructor(handlers: KernelLogHandlers, path: string) {
    this.#handlers = handlers;
    this.#id = registerReader(() => this.#readTurn());
    try {
      this.#log = attempt(failed, () => native().kmsg_open(path, this.#id));
    } catch (error) {
      forgetReader(this.#id);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (!this.#lifetime.end()) return;
    forgetReader(this.#id);
    native().kmsg_close(this.#log);
  }

  #readTurn(): void {
    let isEmpty = false;
    try {
      for (let count = 0; count < RECORDS_PER_TURN && !isEmpty && !this.#lifetime.isOver; count++)
        isEmpty = !this.#readRecord();
    } finally {
      // Also when a handler threw: else nothing would be read any more.
      if (!isEmpty && !this.#lifetime.isOver) setImmediate(() => this.#readTurn());
    }
  }

  /** False where there is none, now or any more. */
  #readRecord(): boolean {
    const size = this.#attempt(() => native().kmsg_read(this.#log, this.#buffer));
    if (size === undefined) return false;
    if (size === 0) {
      this.#attempt(() => native().kmsg_arm(this.#log));
      return false;
    }
    if (size === LOST) this.#handlers.onOverrun();
    const record = readKernelLogRecord(this.#buffer.toString("latin1", 0, Math.max(size, 0)));
    if (record !== undefined) this.#handlers.onRecord(record);
    return true;
  }

  #attempt<Result>(call: () => Result): Result | undefined {
    try {
      return attempt(failed, call);
    } catch (error) {
      this[Symbol.dispose]();
      this.#handlers.onFailed(error);
      return undefined;
    }
  }
}

/**
 * Numbers are as long as the kernel's types can be: a longer one is not the kernel's, and could become Infinity.
 * `<facility * 8 + level>,<sequence>,<microseconds>,<flags>[,…];<text>\n`, then lines of a dictionary.
 */
const pattern = /^(?<priority>\d{1,10}),(?<sequence>\d{1,20}),(?<timeUs>\d{1,20}),[^;]*;(?<text>[^\n]*)/;

/** Undefined for what has another form. */
export function readKernelLogRecord(bytes: string): KernelLogRecord | undefined {
  const { priority, sequence, timeUs, text } = pattern.exec(bytes)?.groups ?? {};
  if (text === undefined) return undefined;
  return {
    level: Number(priority) & 7,
    facility: Number(priority) >> 3,
    sequence: Number(sequence),
    timeUs: Number(timeUs),
    text: unescape(text),
  };
}

/** Whatever is not ASCII is written byte by byte, as `\xNN`. */
function unescape(text: string): string {
  const bytes = text.replaceAll(/\\x([0-9a-f]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return decodeKernelText(Buffer.from(bytes, "latin1"));
}
