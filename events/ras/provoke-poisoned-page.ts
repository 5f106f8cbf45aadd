/** A process that has the kernel poison one of its own pages: `madvise(MADV_HWPOISON)`. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LOAD_ADDRESS = 0x40_0000;
const HEADER_BYTES = 64 + 56;

/** mmap of one page, a byte written to it, madvise(page, 4096, MADV_HWPOISON), exit(-result); x86-64. */
const code = Buffer.from(
  [
    "b809000000 31ff be00100000 ba03000000 41ba22000000 49c7c0ffffffff 4531c9 0f05",
    "4889c3 c60301 4889df be00100000 ba64000000 b81c000000 0f05",
    "89c7 f7df b83c000000 0f05",
  ]
    .join("")
    .replaceAll(" ", ""),
  "hex",
);

/** Node has no madvise, and a guest no compiler: the smallest program that has. */
function makeProgram(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("7f454c46020101", "hex");
  header.writeUInt16LE(2, 16); // ET_EXEC
  header.writeUInt16LE(62, 18); // EM_X86_64
  header.writeUInt32LE(1, 20);
  header.writeBigUInt64LE(BigInt(LOAD_ADDRESS + HEADER_BYTES), 24);
  header.writeBigUInt64LE(64n, 32);
  header.writeUInt16LE(64, 52);
  header.writeUInt16LE(56, 54);
  header.writeUInt16LE(1, 56);
  const segment = header.subarray(64);
  segment.writeUInt32LE(1, 0); // PT_LOAD
  segment.writeUInt32LE(5, 4); // readable, executable
  segment.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 16);
  const size = BigInt(HEADER_BYTES + code.length);
  segment.writeBigUInt64LE(size, 32);
  segment.writeBigUInt64LE(size, 40);
  segment.writeBigUInt64LE(0x1000n, 48);
  return Buffer.concat([header, code]);
}

/** The error number that the kernel answered; 0 where a page is poisoned now and lost until the next boot. */
export function poisonPage(): number {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-poison-"));
  try {
    const path = join(folder, "poison");
    writeFileSync(path, makeProgram(), { mode: 0o700 });
    const { status, signal } = spawnSync(path);
    // What a process gets that used what it lost.
    if (signal === "SIGBUS") return 0;
    if (status === null) throw new Error(`the program that poisons its page ended by ${signal}`);
    return status;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
