/**
 * Signals during the start. SIGHUP is noted from the first line of the program on; before that line the launcher keeps
 * it from ending the process. SIGUSR1 would open Node's debugger, to which every user of the machine may connect.
 */

export interface Hangups {
  /** From now on SIGHUP calls `act`; it is called at once for those that came before. */
  handle(act: () => void): void;
  /** SIGHUP ends the process again, as it does other programs; at once where one came before. */
  release(): void;
}

/** Imports nothing, so that nothing has to be loaded first. */
export function holdSignals(): Hangups {
  let isNoted = false;
  const note = (): void => {
    isNoted = true;
  };
  let listener = note;
  const replace = (next: () => void): void => {
    process.on("SIGHUP", next);
    // In this order: without a listener the default action is in force.
    process.off("SIGHUP", listener);
    listener = next;
  };
  process.on("SIGHUP", note);
  // `--disable-sigusr1` does this for the launcher from the start of Node; this is for starts without it.
  process.on("SIGUSR1", () => undefined);
  return {
    handle: (act) => {
      replace(() => {
        act();
      });
      if (isNoted) act();
      isNoted = false;
    },
    release: () => {
      process.off("SIGHUP", listener);
      if (isNoted) process.kill(process.pid, "SIGHUP");
    },
  };
}
