/** A wrong place in the configuration, and the error that carries all of them. */

export interface Mistake {
  readonly file: string;
  /** From 1; 0 where the file could not be read at all. */
  readonly line: number;
  readonly column: number;
  /** As `logger_provider.processors[0].batch`; empty for the whole file. */
  readonly key: string;
  /** What was found and what is allowed. Holds no secret. */
  readonly problem: string;
}

/** The configuration cannot be used; `mistakes` has every reason that was found. */
export class ConfigError extends Error {
  readonly code = "CONFIG_INVALID";
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[], options?: ErrorOptions) {
    super(mistakes.map(formatMistake).join("\n"), options);
    this.name = "ConfigError";
    this.mistakes = mistakes;
  }
}

/** `file:line:column: key: problem`, so that editors and terminals can jump there. */
export function formatMistake({ file, line, column, key, problem }: Mistake): string {
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  return [place, key, problem].filter(Boolean).join(": ");
}
