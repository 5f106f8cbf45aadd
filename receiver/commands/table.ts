/** Columns for a terminal. */
import { escapeText } from "#exporters/console/escape.ts";

/** Lines under a header, each column as wide as its longest cell; the last column is not padded. */
export function formatTable(cells: readonly (readonly string[])[]): readonly string[] {
  const widths: number[] = [];
  const rows = cells.map((row) => row.map(escapeText));
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
