/** Writes records to a stream as they come, one line each; a reader that is too slow loses lines, which are counted. */
import type { Writable } from "node:stream";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import { formatRecordAsJson } from "./record-json.ts";
import { formatRecordAsLine } from "./record-line.ts";

export interface ConsoleWriterOptions {
  readonly stream: Writable;
  /** `line` where left out. */
  readonly format?: "line" | "json";
  /** Lines are left out while the stream holds more than this; 16 MiB where left out. */
  readonly maxBufferedBytes?: number;
}

export interface ConsoleWriter {
  /** Returns at once. */
  write(records: readonly ReadableLogRecord[]): void;
  counts(): { readonly written: number; readonly dropped: number };
}

const MIB = 1024 * 1024;

export function createConsoleWriter(options: ConsoleWriterOptions): ConsoleWriter {
  const { stream, maxBufferedBytes = 16 * MIB } = options;
  const format = options.format === "json" ? formatRecordAsJson : formatRecordAsLine;
  let written = 0;
  let dropped = 0;
  let isBroken = false;
  // A closed pipe must not end the program that watches.
  stream.on("error", () => {
    isBroken = true;
  });
  return {
    write(records) {
      for (const record of records) {
        if (isBroken || stream.writableLength > maxBufferedBytes) {
          dropped += 1;
          continue;
        }
        stream.write(`${format(record)}\n`);
        written += 1;
      }
    },
    counts: () => ({ written, dropped }),
  };
}
