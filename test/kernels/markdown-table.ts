/** Tables of a page: written so that a person reads them, and read back for the comparison. */

export function writeMarkdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [columns, columns.map(() => "---"), ...rows];
  return `${cells.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "/")).join(" | ")} |`).join("\n")}\n`;
}

/** The rows of the table whose first column has this title, without the head; none where it is not there. */
export function readMarkdownTable(text: string, firstColumn: string): string[][] {
  const lines = text.split("\n");
  const start = lines.findIndex((line) => line.startsWith(`| ${firstColumn} |`));
  if (start < 0) return [];
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("| "));
  return rest.slice(0, end < 0 ? undefined : end).map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}
