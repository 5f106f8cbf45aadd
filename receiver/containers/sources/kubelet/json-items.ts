/**
 * The elements of one array of a JSON object, one after the other while its bytes arrive, so that a long list is never there as a
 * whole, neither as text nor as values. What is outside of the array is only followed by its brackets and quotation marks; bytes of a
 * character beyond ASCII never look like those (RFC 3629).
 */
const [QUOTE, BACKSLASH, COMMA, N] = [0x22, 0x5c, 0x2c, 0x6e];
const OPENING: ReadonlySet<number> = new Set([0x7b, 0x5b]);
const CLOSING: ReadonlySet<number> = new Set([0x7d, 0x5d]);
const [OPEN_ARRAY, SPACE] = [0x5b, 0x20];

/** One element; the API server takes no larger object than about 1.5 MiB. */
const LARGEST_ELEMENT_BYTES = 4 * 1024 * 1024;
/** Keys that are longer are not the one that is looked for. */
const LONGEST_KEY_BYTES = 64;

export class JsonItems {
  readonly #key: string;
  readonly #onItem: (item: unknown) => void;
  /** Of the element that has begun. */
  #pieces: Buffer[] = [];
  #sizeBytes = 0;
  #depth = 0;
  #isInElement = false;
  #isInArray = false;
  #isInString = false;
  #isEscaped = false;
  #hasBegun = false;
  /** The latest string of the object itself, which is the key where a value follows. */
  #text = "";
  /** Whether the key has an array, or null in its place. */
  #hasArray = false;

  constructor(key: string, onItem: (item: unknown) => void) {
    this.#key = key;
    this.#onItem = onItem;
  }

  get hasArray(): boolean {
    return this.#hasArray;
  }

  /** Throws a `SyntaxError` where it is no JSON object, a `RangeError` where an element is too long. */
  take(chunk: Buffer): void {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      const byte = chunk[index] ?? 0;
      if (this.#isInString) this.#readString(byte);
      else if (byte === QUOTE) this.#beginString();
      else if (OPENING.has(byte)) {
        if (this.#open(byte)) start = index;
      } else if (CLOSING.has(byte)) {
        if (this.#close()) this.#finishElement(chunk.subarray(start, index + 1));
      } else if (byte > SPACE) this.#readOther(byte);
    }
    if (this.#isInElement) this.#keep(chunk.subarray(start));
  }

  /** Throws a `SyntaxError` where something is missing. */
  end(): void {
    if (!this.#hasBegun || this.#depth > 0) throw new SyntaxError("the JSON ends before it is whole");
  }

  #readString(byte: number): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) {
      this.#isInString = false;
      return;
    }
    if (this.#depth === 1 && this.#text.length <= LONGEST_KEY_BYTES) this.#text += String.fromCharCode(byte);
  }

  #beginString(): void {
    this.#checkBegun();
    this.#isInString = true;
    if (this.#depth === 1) this.#text = "";
  }

  /** Whether an element begins. */
  #open(byte: number): boolean {
    if (this.#depth === 0 && (this.#hasBegun || byte === OPEN_ARRAY)) throw notJson();
    this.#hasBegun = true;
    this.#depth += 1;
    if (this.#depth === 2 && byte === OPEN_ARRAY && this.#text === this.#key) {
      this.#isInArray = true;
      this.#hasArray = true;
    }
    if (this.#depth !== 3 || !this.#isInArray) return false;
    this.#isInElement = true;
    return true;
  }

  /** Whether an element ends. */
  #close(): boolean {
    this.#checkBegun();
    this.#depth -= 1;
    if (this.#depth === 1) this.#isInArray = false;
    return this.#depth === 2 && this.#isInElement;
  }

  #readOther(byte: number): void {
    this.#checkBegun();
    if (this.#depth === 1 && byte === COMMA) this.#text = "";
    if (this.#depth === 1 && byte === N && this.#text === this.#key) this.#hasArray = true;
  }

  #finishElement(last: Buffer): void {
    this.#keep(last);
    const text = Buffer.concat(this.#pieces).toString("utf8");
    this.#pieces = [];
    this.#sizeBytes = 0;
    this.#isInElement = false;
    this.#onItem(JSON.parse(text));
  }

  #keep(piece: Buffer): void {
    this.#sizeBytes += piece.length;
    if (this.#sizeBytes > LARGEST_ELEMENT_BYTES)
      throw new RangeError(`an element of more than ${LARGEST_ELEMENT_BYTES} bytes`);
    this.#pieces.push(piece);
  }

  /** Nothing but white space may stand outside of the one object. */
  #checkBegun(): void {
    if (this.#depth === 0) throw notJson();
  }
}

function notJson(): SyntaxError {
  return new SyntaxError("the answer is no JSON object");
}
