/** The kinds of records that one ring brings, each with its reader. */
import type { Btf, RingBatch } from "bpf-loader-napi";
import { readUint64 } from "#bpf/layout/fields.ts";
import type { RecordReading, RecordReadingsOf } from "./contract.ts";

/** `record_kind` of bpf/include/event.h, the first word of every record. */
const KIND_BYTES = 8;

type ObjectTypes = Pick<Btf, "find" | "sizeOf">;

interface Kind {
  readonly struct: string;
  /** Undefined where the reader does not fit what the object writes. */
  readonly take: ((view: DataView, offset: number) => void) | undefined;
  readonly sizeBytes: number;
}

export class RecordReadings {
  /** What does not fit, a sentence each: records of these kinds are never decoded. */
  readonly mismatches: readonly string[];
  readonly #kinds: ReadonlyMap<number, Kind>;

  /** Use `RecordReadings.of`, which knows the type of each record. */
  private constructor(btf: ObjectTypes, readings: readonly RecordReading<unknown>[]) {
    const kinds = new Map<number, Kind>();
    const mismatches: string[] = [];
    for (const [layout, handle] of readings) {
      const { struct, sizeBytes } = layout;
      const id = btf.find(struct, "struct");
      if (id === undefined) {
        mismatches.push(`the object has no records ${struct}`);
        continue;
      }
      if (kinds.has(id)) throw new TypeError(`the records ${struct} have two readers`);
      const writtenBytes = btf.sizeOf(id);
      const isFitting = writtenBytes === sizeBytes;
      if (!isFitting)
        mismatches.push(`${struct} has ${writtenBytes} bytes, and its reader is for ${sizeBytes}`);
      const take = (view: DataView, offset: number): void => {
        handle(layout.read(view, offset));
      };
      kinds.set(id, { struct, sizeBytes, take: isFitting ? take : undefined });
    }
    this.mismatches = mismatches;
    this.#kinds = kinds;
  }

  /**
   * `btf` is that of the loaded object: it has the number by which a kind of record begins. Throws a `TypeError` for
   * two readers of one kind.
   */
  static of<Records extends readonly unknown[] | []>(
    btf: ObjectTypes,
    readings: RecordReadingsOf<Records>,
  ): RecordReadings {
    return new RecordReadings(btf, readings as readonly RecordReading<unknown>[]);
  }

  /** Hands over each record of a batch; what cannot be decoded or handled goes to `onTrouble`, one by one. */
  handle({ view, offsets, lengths, count }: RingBatch, onTrouble: (error: unknown) => void): void {
    for (let index = 0; index < count; index++) {
      try {
        this.#take(view, offsets[index] ?? 0, lengths[index] ?? 0);
      } catch (error) {
        onTrouble(error);
      }
    }
  }

  #take(view: DataView, offset: number, lengthBytes: number): void {
    if (lengthBytes < KIND_BYTES) throw new RangeError(`a record of ${lengthBytes} bytes has no kind`);
    const number = readUint64(view, offset);
    const kind = this.#kinds.get(number);
    if (kind === undefined) throw new RangeError(`nothing reads records of kind ${number}`);
    const { struct, sizeBytes, take } = kind;
    if (take === undefined) throw new RangeError(`${struct} has no reader that fits`);
    if (lengthBytes !== sizeBytes)
      throw new RangeError(`${struct} of ${lengthBytes} bytes instead of ${sizeBytes}`);
    take(view, offset);
  }
}
