/** Names for addresses of kernel text, of the kernel itself and of modules, also those loaded later. */
import { readFileSync } from "node:fs";
import { parseKallsyms } from "./kallsyms.ts";
import type { SymbolTable } from "./kallsyms.ts";

export interface KernelSymbol {
  readonly name: string;
  /** Of the address, from the beginning of the symbol. */
  readonly offset: number;
  /** `""` for the kernel itself. */
  readonly module: string;
}

export interface KernelSymbolsOptions {
  readonly kallsymsPath?: string;
  readonly modulesPath?: string;
  /** How long the list of modules counts as unchanged. One second without it. */
  readonly checkIntervalMs?: number;
}

/** Modules end at a page; no symbol says where. */
const pageBytes = 4096n;

/** Read at the first lookup, and again at a lookup after modules came or went. */
export class KernelSymbols {
  readonly #kallsymsPath: string;
  readonly #modulesPath: string;
  readonly #checkIntervalMs: number;
  #table: SymbolTable | undefined;
  #reason: string | undefined;
  #modules = "";
  #checkedAtMs = -Infinity;

  constructor(options: KernelSymbolsOptions = {}) {
    this.#kallsymsPath = options.kallsymsPath ?? "/proc/kallsyms";
    this.#modulesPath = options.modulesPath ?? "/proc/modules";
    this.#checkIntervalMs = options.checkIntervalMs ?? 1000;
  }

  /** Why there are no symbols; undefined where there are. */
  get unavailable(): string | undefined {
    this.#refresh();
    return this.#reason;
  }

  /** Undefined for addresses outside of kernel text, and for all where `unavailable` says why. */
  lookup(address: bigint): KernelSymbol | undefined {
    this.#refresh();
    return this.#table === undefined ? undefined : find(this.#table, address);
  }

  #refresh(): void {
    const now = performance.now();
    if (now - this.#checkedAtMs < this.#checkIntervalMs) return;
    this.#checkedAtMs = now;
    const modules = readModules(this.#modulesPath);
    if (this.#table !== undefined && modules === this.#modules) return;
    this.#modules = modules;
    this.#read();
  }

  #read(): void {
    this.#table = undefined;
    try {
      const table = parseKallsyms(readFileSync(this.#kallsymsPath));
      this.#reason = reasonOf(table, this.#kallsymsPath);
      if (this.#reason === undefined) this.#table = table;
    } catch (error) {
      this.#reason = `${this.#kallsymsPath} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
  }
}

/** Names, sizes and places; without the columns that change while a module is used. */
function readModules(path: string): string {
  try {
    return readFileSync(path, "utf8").replace(/^(\S+ \d+) \d+ \S+ /gm, "$1 ");
  } catch {
    return ""; // a kernel without modules has no such file
  }
}

function reasonOf(table: SymbolTable, path: string): string | undefined {
  if (table.addresses.length === 0) return `${path} holds no symbols (CONFIG_KALLSYMS)`;
  if (!table.isHidden) return undefined;
  return `${path} hides addresses: kernel.kptr_restrict is set, or CAP_SYSLOG is missing`;
}

function find(table: SymbolTable, address: bigint): KernelSymbol | undefined {
  const { addresses, nameOffsets, names, moduleOf, modules } = table;
  const next = firstAbove(addresses, address);
  let index = next - 1;
  const start = addresses[index];
  if (start === undefined || address >= endOf(table, index, next)) return undefined;
  // The first of several names.
  while (addresses[index - 1] === start) index--;
  const name = names.toString("latin1", nameOffsets[index], nameOffsets[index + 1]);
  if (name === "") return undefined;
  return { name, offset: Number(address - start), module: modules[moduleOf[index] ?? 0] ?? "" };
}

function firstAbove(addresses: BigUint64Array, address: bigint): number {
  let low = 0;
  let high = addresses.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((addresses[middle] ?? 0n) <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next symbol's beginning, or the end of the page where that belongs to another module or there is none. */
function endOf({ addresses, moduleOf }: SymbolTable, index: number, next: number): bigint {
  const following = addresses[next];
  const isSameModule = following !== undefined && moduleOf[index] === moduleOf[next];
  if (isSameModule) return following;
  const start = addresses[index] ?? 0n;
  const pageEnd = (start / pageBytes + 1n) * pageBytes;
  return following !== undefined && following < pageEnd ? following : pageEnd;
}
