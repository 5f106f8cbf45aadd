/** The control socket as a part of the receiver: opened anew after an error that nothing caught. */
import { PacedRestart } from "../parts/paced-restart.ts";
import { runInPart } from "../parts/part.ts";
import type { Part } from "../parts/part.ts";
import type { UncaughtReporter } from "../parts/uncaught-errors.ts";
import type { ConnectionCounts } from "#exporters/connection-counts.ts";
import type { ControlPlace } from "./run-directory.ts";
import { startControlServer } from "./server.ts";
import type { Routes } from "./server.ts";

export interface RestartableControl {
  readonly place: ControlPlace;
  readonly routes: Routes;
  readonly connections: ConnectionCounts;
  readonly uncaught: UncaughtReporter;
}

/** Throws `ControlError` where it cannot be opened the first time. */
export async function startRestartableControl({
  place,
  routes,
  connections,
  uncaught,
}: RestartableControl): Promise<AsyncDisposable> {
  const open = (): Promise<AsyncDisposable> =>
    runInPart(part, () =>
      startControlServer(place, routes, {
        connections,
        onError: (error) => {
          // It still listens.
          uncaught.report({ kind: "control", restart: () => {} }, error);
        },
      }),
    );
  const reopen = async (): Promise<void> => {
    try {
      await server[Symbol.asyncDispose]();
      server = await open();
    } catch (error) {
      uncaught.report(part, error);
    }
  };
  let reopening = Promise.resolve();
  const restarts = new PacedRestart(() => {
    reopening = reopen();
  });
  const part: Part = {
    kind: "control",
    restart: () => {
      restarts.request();
    },
  };
  let server = await open();
  return {
    [Symbol.asyncDispose]: async () => {
      restarts[Symbol.dispose]();
      await reopening;
      await server[Symbol.asyncDispose]();
    },
  };
}
