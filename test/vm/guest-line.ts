/** What a guest says over its second serial port, one JSON text a line. */
export type GuestLine = GuestResult | GuestDiagnostic | { readonly type: "end" };

interface GuestDiagnostic {
  readonly type: "diagnostic";
  readonly message: string;
}

export interface GuestResult {
  readonly type: "result";
  readonly name: string;
  readonly file: string;
  readonly durationMs: number;
  /** Why it was not run. */
  readonly skip?: string;
  /** What it threw. */
  readonly failure?: string;
}
