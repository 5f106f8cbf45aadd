/** The control socket of a receiver: where it is, and what it answers. */
import type { ConnectionCounts } from "#exporters/connection-counts.ts";
import { escapeJson } from "#exporters/console/escape.ts";
import type { UncaughtReporter } from "../parts/uncaught-errors.ts";
import type { Pipeline } from "../pipeline/pipeline.ts";
import type { Tracing } from "../tracing/tracing.ts";
import { reportDestinations } from "./destination-report.ts";
import { queryLines } from "./query-lines.ts";
import { startRestartableControl } from "./restartable-server.ts";
import { prepareControlPlace } from "./run-directory.ts";

export interface ControlOptions {
  readonly stateDirectory: string;
  /** `undefined` for the usual place. */
  readonly runDirectory: string | undefined;
  readonly write: (line: string) => void;
  readonly tracing: Pick<Tracing, "reports">;
  readonly pipeline: Pick<Pipeline, "deliveries" | "log">;
  readonly connections: ConnectionCounts;
  readonly uncaught: UncaughtReporter;
}

/** Rejects with one sentence where it cannot listen. */
export async function startControl(options: ControlOptions): Promise<AsyncDisposable> {
  const { tracing, pipeline, connections, uncaught } = options;
  const place = await prepareControlPlace({ ...options, uid: process.geteuid?.() ?? 0 });
  const read = {
    "/events": () => tracing.reports().map((report) => escapeJson(JSON.stringify(report))),
    "/destinations": () =>
      reportDestinations(pipeline.deliveries).map((report) => escapeJson(JSON.stringify(report))),
    "/query": (parameters: URLSearchParams) => queryLines(pipeline.log, parameters),
  };
  // As SIGHUP, which only root and this user may send, so that there is one way to reload.
  const change = {
    "/reload": () => {
      process.kill(process.pid, "SIGHUP");
      return [JSON.stringify({ reload: "requested" })];
    },
  };
  return startRestartableControl({ place, routes: { read, change }, connections, uncaught });
}
