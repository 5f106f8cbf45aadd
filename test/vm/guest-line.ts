/** What a guest says over its second serial port, one JSON text a line. */
export type GuestLine = GuestResult | GuestDiagnostic | GuestUnfit | GuestPause | { readonly type: "end" };

/** The machine is broken, and nothing was tested: it may be booted anew. */
interface GuestUnfit {
  readonly type: "unfit";
  readonly message: string;
}

/** Asks to be stopped for a while, as a hypervisor may do, with its clocks running. */
export interface GuestPause {
  readonly type: "pause";
  readonly durationMs: number;
}

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
