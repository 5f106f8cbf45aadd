/** Event by kernel: where it hooks in, and what provoked it there. Kept as a table in `test/kernels.md`. */
import { readMarkdownTable, writeMarkdownTable } from "./markdown-table.ts";

export interface KernelRow {
  readonly event: string;
  /** `host`, or the series of a virtual machine's kernel. */
  readonly kernel: string;
  readonly release: string;
  readonly hooks: readonly string[];
  /** What raised the event for real in a live test. */
  readonly provoked: readonly string[];
  /** Why it does not run there; empty where it does. */
  readonly unsupported: string;
}

const header = `# Kernels

Where each event hooks in, and what raised it for real, on every kernel that the live tests run on. \`host\` is the
machine of the last run that was committed; the others are Debian's cloud kernels in virtual machines. Written by
\`make test\`, which fails when a line gets worse.

`;
const columns = ["Event", "Kernel", "Release", "Hooks", "Provoked by"];
const line =
  /^kernel (?<kernel>\S+) (?<release>\S+): (?<event>\S+) (?<fact>hook|unsupported|provoked): (?<detail>.+)$/;

/** Rows out of what live tests noted; other lines are left out. */
export function readNotes(notes: readonly string[]): KernelRow[] {
  const rows = new Map<string, { -readonly [Key in keyof KernelRow]: KernelRow[Key] }>();
  for (const note of notes) {
    const { kernel, release, event, fact, detail = "" } = line.exec(note)?.groups ?? {};
    if (kernel === undefined || release === undefined || event === undefined) continue;
    const row = rows.get(`${event} ${kernel}`) ?? {
      event,
      kernel,
      release,
      hooks: [],
      provoked: [],
      unsupported: "",
    };
    rows.set(`${event} ${kernel}`, row);
    // An event may hook in at more places while there is something to watch.
    if (fact === "hook") row.hooks = [...new Set([...row.hooks, ...detail.split(", ")])];
    else if (fact === "unsupported") row.unsupported = detail;
    else row.provoked = [...new Set([...row.provoked, detail])].sort();
  }
  return sortRows([...rows.values()]);
}

export function isNote(message: string): boolean {
  return line.test(message);
}

export function writeTable(rows: readonly KernelRow[]): string {
  return `${header}${writeMarkdownTable(columns, sortRows(rows).map(writeRow))}`;
}

function writeRow({ event, kernel, release, hooks, provoked, unsupported }: KernelRow): string[] {
  const where =
    unsupported === "" ? hooks.map((hook) => `\`${hook}\``).join(", ") : `unsupported: ${unsupported}`;
  const how = provoked.length === 0 ? "no" : provoked.join("; ");
  return [event, kernel, release, where, how];
}

export function readTable(text: string): KernelRow[] {
  return readMarkdownTable(text, "Event").map(
    ([event = "", kernel = "", release = "", where = "", how = ""]) => {
      const unsupported = /^unsupported: (.*)$/.exec(where)?.[1] ?? "";
      const hooks = unsupported === "" ? [...where.matchAll(/`([^`]+)`/g)].map(([, hook = ""]) => hook) : [];
      return { event, kernel, release, hooks, unsupported, provoked: how === "no" ? [] : how.split("; ") };
    },
  );
}

/** In which ways `now` is worse than `before`, as sentences. */
export function findLosses(before: KernelRow, now: KernelRow | undefined): string[] {
  if (now === undefined) return ["it did not run"];
  if (before.unsupported === "" && now.unsupported !== "")
    return [`it is unsupported now: ${now.unsupported}`];
  return [
    ...before.hooks.filter((hook) => !now.hooks.includes(hook)).map((hook) => `it lost its hook ${hook}`),
    ...before.provoked
      .filter((how) => !now.provoked.includes(how))
      .map((how) => `it was not raised by: ${how}`),
  ];
}

/** The newest row of each event and kernel. */
export function mergeRows(before: readonly KernelRow[], now: readonly KernelRow[]): KernelRow[] {
  const isReplaced = (row: KernelRow): boolean => now.some(({ kernel }) => kernel === row.kernel);
  return sortRows([...before.filter((row) => !isReplaced(row)), ...now]);
}

function sortRows(rows: readonly KernelRow[]): KernelRow[] {
  const name = ({ event, kernel }: KernelRow): string => `${event} ${kernel}`;
  return rows.toSorted((left, right) => name(left).localeCompare(name(right), "en", { numeric: true }));
}
