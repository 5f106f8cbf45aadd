/** The rules of noise as the kernel half reads them: by the numbers and addresses of the running kernel. */
import type { EventBpf } from "#receiver/tracing/contract.ts";
import { noiseRules } from "./noise.ts";
import type { NoiseConfig, NoiseRule } from "./noise.ts";
import { nameReason } from "./reason.ts";

/** The rule that the user makes of `noise_functions`, after the others. */
const OWN_RULE = noiseRules.length + 1;
const COMMON_REASONS = 256;
const FUNCTIONS = 64;
/** Of a reason: the function decides. */
const BY_FUNCTION = 0x80;
const ANY_REASON = 0xffff_ffff;

/** Value of the map `noise`, as bpf's `struct noise` has it. */
export type NoiseTable = {
  readonly by_reason: number[];
  readonly function_count: number;
  readonly _pad: number;
  readonly functions: NoiseFunction[];
};

type NoiseFunction = {
  readonly start: bigint;
  readonly end: bigint;
  readonly reason: number;
  readonly rule: number;
  readonly only_empty: number;
};

const noFunction: NoiseFunction = { start: 0n, end: 0n, reason: 0, rule: 0, only_empty: 0 };

/** `reasons` are the running kernel's names by number; empty before Linux 5.17. */
export function makeNoiseTable(
  config: NoiseConfig,
  reasons: ReadonlyMap<number, string>,
  bpf: Pick<EventBpf, "textRanges">,
): NoiseTable {
  const own = (config["noise_functions"] ?? []) as readonly string[];
  const names = [...noiseRules.flatMap(({ functions = [] }) => functions), ...own];
  const table = new Table(reasons, bpf.textRanges(names));
  for (const [index, rule] of noiseRules.entries())
    if (config[`noise_${rule.name}`] !== false) table.addRule(rule, index + 1);
  table.addFunctions(own);
  return table.value();
}

type TextRanges = ReturnType<EventBpf["textRanges"]>;

class Table {
  readonly #byReason = Array.from({ length: COMMON_REASONS }, () => 0);
  readonly #functions: NoiseFunction[] = [];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #ranges: TextRanges;

  constructor(reasons: ReadonlyMap<number, string>, ranges: TextRanges) {
    this.#numbers = new Map([...reasons.keys()].map((number) => [nameReason(number, reasons), number]));
    this.#ranges = ranges;
  }

  addRule({ reasons = [], functions = [], functionReasons, isEmpty = false }: NoiseRule, rule: number): void {
    for (const reason of this.#find(reasons)) this.#byReason[reason] = rule;
    // Where the kernel has no reasons, the kernel half says 0.
    const wanted = functionReasons ? this.#find(functionReasons) : [this.#numbers.get("NOT_SPECIFIED") ?? 0];
    for (const reason of wanted) this.#byReason[reason] ||= BY_FUNCTION;
    for (const reason of wanted) this.#add(functions, { reason, rule, only_empty: isEmpty ? 1 : 0 });
  }

  addFunctions(functions: readonly string[]): void {
    if (functions.length === 0) return;
    for (const [reason, rule] of this.#byReason.entries()) this.#byReason[reason] = rule || BY_FUNCTION;
    this.#add(functions, { reason: ANY_REASON, rule: OWN_RULE, only_empty: 0 });
  }

  value(): NoiseTable {
    return {
      by_reason: this.#byReason,
      function_count: Math.min(this.#functions.length, FUNCTIONS),
      _pad: 0,
      functions: Array.from({ length: FUNCTIONS }, (_, index) => this.#functions[index] ?? noFunction),
    };
  }

  #add(names: readonly string[], what: Omit<NoiseFunction, "start" | "end">): void {
    for (const range of names.flatMap((name) => this.#ranges.get(name) ?? []))
      this.#functions.push({ ...range, ...what });
  }

  #find(names: readonly string[]): number[] {
    return names.map((name) => this.#numbers.get(name)).filter((number) => number !== undefined);
  }
}
