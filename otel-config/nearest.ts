/** Finds the word that was probably meant. */

/** Undefined where no candidate is near. */
export function findNearest(
  word: string,
  candidates: readonly string[],
  mostEdits: number = Infinity,
): string | undefined {
  return rankNearest(word, candidates, mostEdits)[0];
}

/** Candidates that are near, the nearest first: at most one letter in three may be wrong, and at most `mostEdits`. */
export function rankNearest(
  word: string,
  candidates: readonly string[],
  mostEdits: number = Infinity,
): string[] {
  return candidates
    .flatMap((candidate) => {
      const allowed = Math.min(
        mostEdits,
        Math.max(1, Math.floor(Math.max(word.length, candidate.length) / 3)),
      );
      // So many edits it takes at least; a key of a megabyte is not compared.
      if (Math.abs(word.length - candidate.length) > allowed || word.length > 3 * candidate.length) return [];
      const distance = countEdits(word.toLowerCase(), candidate.toLowerCase());
      return distance <= allowed ? [{ candidate, distance }] : [];
    })
    .sort((left, right) => left.distance - right.distance)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function countEdits(from: string, to: string): number {
  const rows: number[][] = [Array.from({ length: to.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= from.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      rows[row]?.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + (same ? 0 : 1),
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(from.length, to.length);
}
