/** What the fuzzer needs to know of one reader of foreign bytes. */

export interface FuzzedReader {
  /** Also the name of its folder in `corpus/`. */
  readonly name: string;
  /** Well-formed inputs that mutations start from; computed once, because some are compiled. */
  seeds(): readonly Uint8Array[];
  /** Reads the bytes and asserts what must hold for any input. Returns whether the reader refused them with a code. */
  read(bytes: Uint8Array): boolean;
}

/** Runs `act`; true where it threw an error of `type`, which is how a reader refuses. Anything else is a finding. */
export function isRefused(act: () => unknown, type: new (...args: never[]) => Error): boolean {
  try {
    act();
    return false;
  } catch (error) {
    if (error instanceof type) return true;
    throw error;
  }
}
