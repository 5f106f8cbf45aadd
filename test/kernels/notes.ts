/** Where one run keeps what its live tests noted of the kernels, for the comparison at its end. */
import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestEvent } from "node:test/reporters";
import { isNote } from "./kernel-table.ts";

export const notesPath: string = join(import.meta.dirname, "../../build/kernel-notes.txt");

export function forgetNotes(): void {
  rmSync(notesPath, { force: true });
}

export function keepNote({ type, data }: TestEvent): void {
  if (type !== "test:diagnostic" || !isNote(data.message)) return;
  mkdirSync(dirname(notesPath), { recursive: true });
  appendFileSync(notesPath, `${data.message}\n`);
}
