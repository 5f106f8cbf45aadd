/** Names of kernel addresses, as stacks show them. */
import { KernelSymbols, openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";

export interface Symbolizer extends Disposable {
  /** One name for each address: `symbol+0x10 [module]`, or the number where the kernel has none. */
  name(addresses: readonly bigint[]): readonly string[];
}

/** Addresses of one question to the kernel, as in symbols.bpf.c. */
const ADDRESSES = 64;
/** Stacks of one place repeat; those of a whole kernel's text are more than anybody meets. */
const REMEMBERED = 16_384;
/** A module that goes leaves its addresses to the next one. */
const FORGET_AFTER_MS = 1_000;

/**
 * Asks the kernel by a BPF program; where it takes none, reads /proc/kallsyms at the first question. `onUnavailable`
 * is told why names stay numbers.
 */
export function createSymbolizer(onUnavailable: (reason: string) => void): Symbolizer {
  try {
    return new KernelSymbolizer(
      openObject(new URL("symbols.bpf.o", import.meta.url), { constants: {} }).load(),
    );
  } catch {
    // The reason matters to nobody: the events' own programs, which need the same, say it.
    return new KallsymsSymbolizer(onUnavailable);
  }
}

class KernelSymbolizer implements Symbolizer {
  readonly #object: LoadedObject;
  readonly #known = new Map<bigint, string>();
  #forgottenAtMs = performance.now();

  constructor(object: LoadedObject) {
    this.#object = object;
  }

  name(addresses: readonly bigint[]): readonly string[] {
    this.#forget();
    const unknown = addresses.filter((address) => address !== 0n && !this.#known.has(address));
    for (let from = 0; from < unknown.length; from += ADDRESSES)
      this.#ask(unknown.slice(from, from + ADDRESSES));
    return addresses.map((address) => this.#known.get(address) ?? hex(address));
  }

  [Symbol.dispose](): void {
    this.#object.close();
  }

  #ask(addresses: readonly bigint[]): void {
    const padding = Array.from({ length: ADDRESSES - addresses.length }, () => 0n);
    this.#object.map("questions").update(0, { addresses: [...addresses, ...padding] });
    this.#object.program("name_addresses").run();
    const { names } = this.#object.map("answers").lookup(0) as { readonly names: readonly string[] };
    for (const [index, address] of addresses.entries()) {
      const name = names[index] ?? "";
      this.#known.set(address, name.startsWith("0x") ? hex(address) : name.replace(/\/0x[0-9a-f]+/, ""));
    }
  }

  #forget(): void {
    const nowMs = performance.now();
    if (nowMs - this.#forgottenAtMs < FORGET_AFTER_MS && this.#known.size < REMEMBERED) return;
    this.#known.clear();
    this.#forgottenAtMs = nowMs;
  }
}

class KallsymsSymbolizer implements Symbolizer {
  readonly #symbols = new KernelSymbols();
  readonly #onUnavailable: (reason: string) => void;
  #isSaid = false;

  constructor(onUnavailable: (reason: string) => void) {
    this.#onUnavailable = onUnavailable;
  }

  name(addresses: readonly bigint[]): readonly string[] {
    const { unavailable } = this.#symbols;
    if (unavailable !== undefined && !this.#isSaid) this.#onUnavailable(unavailable);
    this.#isSaid ||= unavailable !== undefined;
    return addresses.map((address) => this.#nameOne(address));
  }

  [Symbol.dispose](): void {}

  #nameOne(address: bigint): string {
    const found = this.#symbols.lookup(address);
    if (found === undefined) return hex(address);
    const module = found.module === "" ? "" : ` [${found.module}]`;
    return `${found.name}+0x${found.offset.toString(16)}${module}`;
  }
}

function hex(address: bigint): string {
  return `0x${address.toString(16)}`;
}
