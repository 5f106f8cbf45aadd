/** Records as they leave a ring: copied into one buffer that the next batch overwrites. */

export interface RingBatch {
  readonly bytes: Uint8Array;
  /** Of the same buffer. */
  readonly view: DataView;
  readonly count: number;
  /** Where each of the `count` records begins, a multiple of 8. */
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
}

export class ReusableBatch implements RingBatch {
  bytes: Uint8Array = new Uint8Array(0);
  view: DataView = new DataView(this.bytes.buffer);
  count: number = 0;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  /** Offsets, then lengths, as the addon fills them. */
  readonly index: Uint32Array;
  /** The last batch ended because the buffer was full. */
  isTooSmall: boolean = false;

  constructor(sizeBytes: number, recordLimit: number) {
    this.index = new Uint32Array(2 * recordLimit);
    this.offsets = this.index.subarray(0, recordLimit);
    this.lengths = this.index.subarray(recordLimit);
    this.grow(sizeBytes);
  }

  grow(sizeBytes: number): void {
    this.bytes = new Uint8Array(sizeBytes);
    this.view = new DataView(this.bytes.buffer);
    this.isTooSmall = false;
  }
}
