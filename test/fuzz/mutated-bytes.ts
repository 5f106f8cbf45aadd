/** Inputs of the fuzzer: a seed with a few edits. fast-check shrinks a failing input to the fewest edits that still fail. */
import * as fc from "fast-check";

type Edit = (bytes: Uint8Array) => Uint8Array;

/** Lengths, counts and offsets at which integer arithmetic goes wrong. */
const boundaryNumbers = [0, 1, 3, 4, 15, 16, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]; // prettier-ignore
/** Text that means something to one reader or another. */
const dictionary = ["\0", "\n", "/", "//", "..", ":", ";", ",", "-", " ", "\\x", "\\x2d", "\\x5c", "\u202e", "\ud7ff", ".scope", ".slice", ".service", "docker-", "libpod-", "kubepods", "lxc.payload.", "machine-", "0".repeat(64), "a".repeat(300), "9".repeat(400)]; // prettier-ignore
const LONGEST_RUN_BYTES = 64;
const MOST_EDITS = 12;

/** An offset as a share of the length, so that it stays meaningful while earlier edits shrink. */
const share = fc.nat(0xffff);

function offsetIn(bytes: Uint8Array, at: number): number {
  return Math.floor((at / 0x1_0000) * bytes.length);
}

function splice(bytes: Uint8Array, from: number, to: number, inserted: Uint8Array): Uint8Array {
  return Uint8Array.from(Buffer.concat([bytes.subarray(0, from), inserted, bytes.subarray(to)]));
}

function overwrite(bytes: Uint8Array, at: number, value: Uint8Array): Uint8Array {
  return splice(bytes, at, Math.min(at + value.length, bytes.length), value).subarray(0, bytes.length);
}

function writeNumber(value: number, sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value), true);
  return bytes.subarray(0, sizeBytes);
}

/** Edits that keep every byte where it is, so that what follows in a binary format still makes sense. */
const changes: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(share, fc.nat(7)).map(
    ([at, bit]): Edit =>
      (bytes) =>
        overwrite(bytes, offsetIn(bytes, at), Uint8Array.of((bytes[offsetIn(bytes, at)] ?? 0) ^ (1 << bit))),
  ),
  fc.tuple(share, fc.constantFrom(...boundaryNumbers), fc.constantFrom(1, 2, 4, 8)).map(
    ([at, value, sizeBytes]): Edit =>
      (bytes) =>
        overwrite(bytes, offsetIn(bytes, at), writeNumber(value, sizeBytes)),
  ),
);

const moves: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(share, fc.uint8Array({ minLength: 1, maxLength: LONGEST_RUN_BYTES })).map(
    ([at, run]): Edit =>
      (bytes) =>
        splice(bytes, offsetIn(bytes, at), offsetIn(bytes, at), run),
  ),
  fc.tuple(share, fc.constantFrom(...dictionary)).map(
    ([at, word]): Edit =>
      (bytes) =>
        splice(bytes, offsetIn(bytes, at), offsetIn(bytes, at), Buffer.from(word)),
  ),
  fc.tuple(share, fc.nat(LONGEST_RUN_BYTES)).map(
    ([at, length]): Edit =>
      (bytes) =>
        splice(bytes, offsetIn(bytes, at), offsetIn(bytes, at) + length, new Uint8Array()),
  ),
  fc.tuple(share, share, fc.nat(LONGEST_RUN_BYTES)).map(([from, to, length]): Edit => (bytes) => {
    const start = offsetIn(bytes, from);
    return splice(bytes, offsetIn(bytes, to), offsetIn(bytes, to), bytes.slice(start, start + length));
  }),
  share.map(
    (at): Edit =>
      (bytes) =>
        bytes.slice(0, offsetIn(bytes, at)),
  ),
);

const edits = fc.oneof({ weight: 3, arbitrary: changes }, { weight: 1, arbitrary: moves });

/** Bytes that began as one of `seeds`; now and then bytes that began as nothing. */
export function mutatedBytes(seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const seed = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...seeds) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 * LONGEST_RUN_BYTES }) },
  );
  return fc
    .tuple(seed, fc.array(edits, { minLength: 1, maxLength: MOST_EDITS }))
    .map(([bytes, chosen]) => chosen.reduce((changed, edit) => edit(changed), bytes));
}
