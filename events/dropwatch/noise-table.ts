/** The rules of noise as the kernel half reads them: by the numbers and addresses of the running kernel. */
import type { EventBpf } from "#receiver/tracing/contract.ts";
import { conditions, noiseRules } from "./noise.ts";
import type { NoiseConfig, NoiseRule } from "./noise.ts";
import { nameReason } from "./reason.ts";

/** The rule that the user makes of `noise_functions`, after the others. */
const OWN_RULE = noiseRules.length + 1;
const COMMON_REASONS = 256;
const FUNCTIONS = 64;
/** Of a reason: the function decides. */
const BY_FUNCTION = 0x80;

/** Value of the map `noise`, as bpf's `struct noise` has it. */
export type NoiseTable = {
  readonly by_reason: NoiseReason[];
  readonly common_first: number;
  readonly common_count: number;
  readonly functions: NoiseFunction[];
};

type NoiseReason = {
  readonly rule: number;
  readonly first: number;
  readonly count: number;
  readonly _pad: number;
};

type NoiseFunction = {
  readonly start: bigint;
  readonly end: bigint;
  readonly rule: number;
  readonly condition: number;
  readonly _pad: number;
};

const noFunction: NoiseFunction = { start: 0n, end: 0n, rule: 0, condition: 0, _pad: 0 };
/** All text of the kernel, for a rule that goes by the packet alone. */
const anywhere = [{ start: 0n, end: 0xffff_ffff_ffff_ffffn }];

/**
 * `reasons` are the running kernel's names by number; empty before Linux 5.17. `onUnknown` is told which of the user's
 * functions this kernel does not have. Throws a `RangeError` for more functions than the kernel half holds.
 */
export function makeNoiseTable(
  config: NoiseConfig,
  reasons: ReadonlyMap<number, string>,
  bpf: Pick<EventBpf, "textRanges">,
  onUnknown: (name: string) => void,
): NoiseTable {
  const own = (config["noise_functions"] ?? []) as readonly string[];
  const names = [...noiseRules.flatMap(namesOf), ...own];
  const ranges = bpf.textRanges(names);
  for (const name of own) if (!ranges.has(name)) onUnknown(name);
  const table = new Table(reasons, ranges);
  for (const [index, rule] of noiseRules.entries())
    if (config[`noise_${rule.name}`] !== false) table.addRule(rule, index + 1);
  table.addFunctions(own);
  return table.value();
}

function namesOf({ functions = [], except = [] }: NoiseRule): readonly string[] {
  return functions === "anywhere" ? except : [...functions, ...except];
}

type TextRanges = ReturnType<EventBpf["textRanges"]>;
type KernelTextRange = (typeof anywhere)[number];

function describe(ranges: readonly KernelTextRange[], rule: number, condition: number): NoiseFunction[] {
  return ranges.map(({ start, end }) => ({ start, end, rule, condition, _pad: 0 }));
}

class Table {
  readonly #byReason = Array.from({ length: COMMON_REASONS }, () => 0);
  /** Of each reason its own. */
  readonly #functions = new Map<number, NoiseFunction[]>();
  #common: NoiseFunction[] = [];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #ranges: TextRanges;

  constructor(reasons: ReadonlyMap<number, string>, ranges: TextRanges) {
    this.#numbers = new Map([...reasons.keys()].map((number) => [nameReason(number, reasons), number]));
    this.#ranges = ranges;
  }

  addRule(
    { reasons = [], functions = [], functionReasons, only, except = [] }: NoiseRule,
    rule: number,
  ): void {
    for (const reason of this.#find(reasons)) this.#byReason[reason] = rule;
    // Where the kernel has no reasons, the kernel half says 0.
    const wanted = functionReasons ? this.#find(functionReasons) : [this.#numbers.get("NOT_SPECIFIED") ?? 0];
    const condition = only === undefined ? 0 : conditions[only];
    const places = functions === "anywhere" ? anywhere : this.#rangesOf(functions);
    const found = [...describe(this.#rangesOf(except), 0, condition), ...describe(places, rule, condition)];
    for (const reason of wanted) {
      this.#byReason[reason] ||= BY_FUNCTION;
      this.#functions.set(reason, [...(this.#functions.get(reason) ?? []), ...found]);
    }
  }

  addFunctions(functions: readonly string[]): void {
    if (functions.length === 0) return;
    for (const [reason, rule] of this.#byReason.entries()) this.#byReason[reason] = rule || BY_FUNCTION;
    this.#common = describe(this.#rangesOf(functions), OWN_RULE, 0);
  }

  value(): NoiseTable {
    const functions: NoiseFunction[] = [];
    const take = (some: readonly NoiseFunction[]): { first: number; count: number } => {
      const row = { first: functions.length, count: some.length };
      functions.push(...some);
      return row;
    };
    const rows = new Map([...this.#functions].map(([reason, some]) => [reason, take(some)]));
    const { first, count } = take(this.#common);
    if (functions.length > FUNCTIONS)
      throw new RangeError(
        `noise_functions: with the rules' own they are ${functions.length} parts of kernel text, and ${FUNCTIONS} are allowed`,
      );
    return {
      by_reason: this.#byReason.map((rule, reason) => {
        const row = rows.get(reason);
        return { rule, first: row?.first ?? 0, count: row?.count ?? 0, _pad: 0 };
      }),
      common_first: first,
      common_count: count,
      functions: Array.from({ length: FUNCTIONS }, (_, index) => functions[index] ?? noFunction),
    };
  }

  #rangesOf(names: readonly string[]): readonly KernelTextRange[] {
    return names.flatMap((name) => this.#ranges.get(name) ?? []);
  }

  #find(names: readonly string[]): number[] {
    return names.map((name) => this.#numbers.get(name)).filter((number) => number !== undefined);
  }
}
