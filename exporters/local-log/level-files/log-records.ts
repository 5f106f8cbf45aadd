/** The records of one of LevelDB's logs, which its manifest is one of as well (LevelDB, doc/log_format.md). */
import { maskedChecksum } from "./crc32c.ts";

const BLOCK_BYTES = 32 * 1024;
const HEADER_BYTES = 7;
const FULL = 1;
const FIRST = 2;
const LAST = 4;
/** None of LevelDB's. */
const DAMAGED = -1;
const NOTHING = Buffer.alloc(0);

export interface LogRecords {
  readonly records: readonly Buffer[];
  /** Bytes within the log were not what was written there. A record at the end that is still being written is none. */
  readonly isDamaged: boolean;
}

export function readLogRecords(bytes: Buffer): LogRecords {
  const records: Buffer[] = [];
  let parts: Buffer[] | undefined;
  let isDamaged = false;
  for (const { type, payload } of readFragments(bytes)) {
    if (type === FIRST) parts = [];
    if (type === FULL) records.push(payload);
    else if (type === DAMAGED) [isDamaged, parts] = [true, undefined];
    else parts?.push(payload);
    if (type === LAST && parts) records.push(Buffer.concat(parts));
    if (type === LAST) parts = undefined;
  }
  return { records, isDamaged };
}

interface Fragment {
  readonly type: number;
  readonly payload: Buffer;
}

/** Until the first one that is not all there: it is being written, or was when the process died. */
function* readFragments(bytes: Buffer): Generator<Fragment, void, undefined> {
  for (let at = 0; at + HEADER_BYTES <= bytes.length;) {
    const blockEnd = at - (at % BLOCK_BYTES) + BLOCK_BYTES;
    const end = at + HEADER_BYTES + bytes.readUInt16LE(at + 4);
    if (end <= blockEnd && end > bytes.length) return;
    if (at + HEADER_BYTES > blockEnd) at = blockEnd;
    else if (isWhole(bytes, at, end, blockEnd)) {
      yield { type: bytes[at + 6] ?? 0, payload: bytes.subarray(at + HEADER_BYTES, end) };
      at = end;
    } else {
      // Zeros are space that was allocated and not written. The length cannot be trusted either, so reading goes on with
      // the next block.
      if (bytes.readUIntLE(at + 4, 3) !== 0) yield { type: DAMAGED, payload: NOTHING };
      at = blockEnd;
    }
  }
}

function isWhole(bytes: Buffer, at: number, end: number, blockEnd: number): boolean {
  const type = bytes[at + 6] ?? 0;
  if (end > blockEnd || type < FULL || type > LAST) return false;
  return bytes.readUInt32LE(at) === maskedChecksum(bytes, at + 6, end);
}
