/** Everything that plugs in, with two events of the tests' own. */
import { exporters } from "#exporters/index.ts";
import type { DeclaredEvents, Declarations } from "#otel-config/declaration.ts";
import { containerSources } from "#receiver/containers/sources/index.ts";

const events: DeclaredEvents = {
  oom: {},
  dropwatch: {
    threshold_ms: { type: "integer", unit: "ms", description: "", default: 5, minimum: 1, maximum: 100 },
    mode: { type: "string", description: "", default: "fast", enum: ["fast", "full"] },
    interfaces: { type: "array", description: "", default: [], items: { type: "string" } },
    reasons: { type: "array", description: "", default: ["NO_SOCKET"], items: { type: "string" } },
  },
};

export const declarations: Declarations = { exporters, sources: containerSources, events };

/** Of a file in `otel-config/`. */
export function configFile(name: string): string {
  return new URL(`../../otel-config/${name}`, import.meta.url).pathname;
}
