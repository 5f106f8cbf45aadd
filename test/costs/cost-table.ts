/** The table of costs as a page, `test/costs.md`, and what is worse in one than in another. */
import { readMarkdownTable, writeMarkdownTable } from "../kernels/markdown-table.ts";
import type { CostRows, HitRow, ProgramRow, WholeRow } from "./cost-rows.ts";
import { findHuatuoFigure, findHuatuoShare } from "./huatuo.ts";

const header = `# Costs

Guest instructions, which are the same on every host: the clock of the virtual machine counts them. Written and printed by
\`make costs\`; \`make test\` fails when a figure is more than 10 % higher. How it is measured and what it leaves out:
[costs/README.md](costs/README.md).

`;
const hitColumns = [
  "A hit of",
  "Program",
  "Hook",
  "State",
  "Work",
  "Instructions",
  "Empty program",
  "Times empty",
  "Above empty",
  "HUATUO above empty",
  "Of HUATUO",
];
const programColumns = ["Object of", "Program", "Hook", "Verifier looked at", "Not measured because"];
const partColumns = ["Part", "Instructions"];
const wholeColumns = ["Each", "Count", "Instructions", "With all probes", "Added", "Share", "HUATUO's share"];

export function writeCosts({ release, parts, hits, programs, whole }: CostRows): string {
  return [
    `${header}Linux ${release} (Debian), one CPU, default configuration but for what a state needs.\n\n`,
    "## One run of a program\n\n",
    writeMarkdownTable(hitColumns, hits.map(writeHit)),
    "\n## All probes together, on fixed work\n\n",
    writeMarkdownTable(wholeColumns, whole.map(writeWhole)),
    "\n## What programs are made of, above one that does nothing\n\n",
    writeMarkdownTable(
      partColumns,
      parts.map(({ part, instructions }) => [part, write(instructions)]),
    ),
    "\n## Every program, and what the verifier had to look at\n\n",
    writeMarkdownTable(programColumns, programs.map(writeProgram)),
  ].join("");
}

function writeHit(row: HitRow): string[] {
  const { event, program, hook, state, workload, instructions, empty } = row;
  const above = empty === undefined ? undefined : instructions - empty;
  const huatuo = findHuatuoFigure(row);
  return [
    event,
    program,
    `\`${hook}\``,
    state,
    workload,
    write(instructions),
    write(empty),
    empty === undefined ? "" : (instructions / empty).toFixed(1),
    write(above),
    write(huatuo),
    above === undefined || huatuo === undefined ? "" : writeShare(above / huatuo, 0),
  ];
}

function writeWhole({ workload, count, without, withProbes }: WholeRow): string[] {
  const huatuo = findHuatuoShare(workload);
  return [
    workload,
    write(count),
    write(without),
    write(withProbes),
    write(withProbes - without),
    writeShare((withProbes - without) / without),
    huatuo === undefined ? "" : writeShare(huatuo),
  ];
}

function writeProgram({ event, program, hook, verified, notMeasured }: ProgramRow): string[] {
  return [event, program, `\`${hook}\``, write(verified), notMeasured];
}

function write(value: number | undefined): string {
  return value === undefined ? "" : value.toLocaleString("en-US");
}

function writeShare(share: number, digits = 1): string {
  return `${(100 * share).toFixed(digits)} %`;
}

export function readCosts(text: string): CostRows {
  return {
    release: /^Linux (\S+)/m.exec(text)?.[1] ?? "",
    parts: readMarkdownTable(text, "Part").map(([part = "", instructions = ""]) => ({
      part,
      instructions: read(instructions) ?? 0,
    })),
    hits: readMarkdownTable(text, "A hit of").map(
      ([event = "", program = "", hook = "", state = "", workload = "", instructions = "", empty = ""]) => ({
        event,
        program,
        hook: hook.replaceAll("`", ""),
        state: state as HitRow["state"],
        workload: workload as HitRow["workload"],
        instructions: read(instructions) ?? 0,
        empty: read(empty),
      }),
    ),
    whole: readMarkdownTable(text, "Each").map(
      ([workload = "", count = "", without = "", withProbes = ""]) => ({
        workload: workload as WholeRow["workload"],
        count: read(count) ?? 0,
        without: read(without) ?? 0,
        withProbes: read(withProbes) ?? 0,
      }),
    ),
    programs: readMarkdownTable(text, "Object of").map(
      ([event = "", program = "", hook = "", verified = "", notMeasured = ""]) => ({
        event,
        program,
        hook: hook.replaceAll("`", ""),
        verified: read(verified),
        notMeasured,
      }),
    ),
  };
}

function read(cell: string): number | undefined {
  return cell === "" ? undefined : Number(cell.replaceAll(",", ""));
}
