/** What the program needs to know of the machine before it starts. */
import { readFileSync } from "node:fs";

/** include/uapi/linux/auxvec.h */
const AT_PAGESZ = 6n;

/** Bytes of a memory page, from the auxiliary vector the kernel gave to this process. */
export function readPageSizeBytes(): number {
  const vector = readFileSync("/proc/self/auxv");
  for (let offset = 0; offset + 16 <= vector.length; offset += 16) {
    if (vector.readBigUInt64LE(offset) === AT_PAGESZ) return Number(vector.readBigUInt64LE(offset + 8));
  }
  throw new Error("the kernel did not tell its page size in /proc/self/auxv");
}
