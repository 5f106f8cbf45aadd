/** SIGHUP: read the configuration again and let the events and the sources of containers take what changed. */
import { isDeepStrictEqual } from "node:util";
import { ConfigError, formatMistake } from "#otel-config/mistake.ts";
import type { KerntelConfig } from "#otel-config/config.ts";
import type { Hangups } from "../early-signals.ts";
import type { Program } from "../program.ts";
import type { Chosen } from "./chosen-events.ts";

export interface ReloadOptions {
  readonly program: Program;
  /** What the program was started with. */
  readonly config: KerntelConfig;
  /** Reads the configuration anew; rejects with a sentence for what is wrong. */
  readonly choose: () => Promise<Chosen>;
  readonly write: (line: string) => void;
}

export interface Reloads extends AsyncDisposable {
  /** Resolves when the configuration that the last signal so far stands for is in force, or was refused. */
  settled(): Promise<void>;
}

/**
 * Until disposed, which waits for a reload that is under way. One reload at a time, in the order of the signals; the
 * first is for those that came during the start.
 */
export function reloadOnSignal({ hangups, ...options }: ReloadOptions & { hangups: Hangups }): Reloads {
  let last = Promise.resolve();
  hangups.handle(() => {
    last = last.then(() => reload(options));
  });
  return {
    settled: () => last,
    [Symbol.asyncDispose]: () => {
      // A signal during the stop must not cut it short.
      hangups.handle(() => undefined);
      return last;
    },
  };
}

/** A configuration that is wrong changes nothing. */
export async function reload({ program, config, choose, write }: ReloadOptions): Promise<void> {
  try {
    const chosen = await choose();
    const changed = await program.reload(chosen);
    const what = changed.length === 0 ? "nothing changed" : `changed: ${changed.join(", ")}`;
    write(`kerntel: configuration read again, ${what}\n`);
    if (!isSameBesidesReloaded(chosen.config, config))
      write("kerntel: what changed outside distribution.kerntel.events and .containers needs a restart\n");
  } catch (error) {
    const reason = describe(error);
    write(`kerntel: the configuration was not taken, the old one stays in force: ${reason}\n`);
  }
}

function describe(error: unknown): string {
  if (error instanceof ConfigError) return error.mistakes.map(formatMistake).join("; ");
  return error instanceof Error ? error.message : String(error);
}

function isSameBesidesReloaded(chosen: KerntelConfig, inForce: KerntelConfig): boolean {
  const { events, containers } = inForce;
  return isDeepStrictEqual({ ...chosen, events, containers }, inForce);
}
