/** Tables in Markdown, before they are formatted. */

export function writeTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [writeRow(head), writeRow(head.map(() => "---")), ...rows.map(writeRow)].join("\n");
}

function writeRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/\s+/g, " ").trim()).join(" | ")} |`;
}

export function code(value: unknown): string {
  return `\`${String(value)}\``;
}
