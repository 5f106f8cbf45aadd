/** What a table of settings can be about, by the names that READMEs use between their markers. */
import { withEnabled } from "#otel-config/declaration.ts";
import type { Declarations, SettingGroup } from "#otel-config/declaration.ts";
import {
  batchGroup,
  containersGroup,
  kerntelGroup,
  periodicGroup,
  recordLimitsGroup,
  topGroup,
} from "#otel-config/file-settings.ts";

export interface SubjectPart {
  /** Before each key of the group, as `docker.`. */
  readonly prefix: string;
  readonly group: SettingGroup;
  /** What the rows of the group are about, where a table has several groups. */
  readonly of?: string;
}

export function findSubjects({
  exporters,
  sources,
  events,
}: Declarations): Map<string, readonly SubjectPart[]> {
  const ofExporters = exporters.map(({ name, logs, metrics }) => [
    `exporters.${name}`,
    [
      ...(logs ? [{ prefix: "", group: logs }] : []),
      ...(metrics ? [{ prefix: "", group: onlyOther(metrics, logs), of: "metrics" }] : []),
    ],
  ]);
  const ofSources = sources.map((source) => ({ prefix: `${source.name}.`, group: withEnabled(source) }));
  const ofEvents = Object.entries(events).map(([name, settings]) => [
    `events.${name}`,
    [{ prefix: "", group: withEnabled({ settings }) }],
  ]);
  return new Map([
    ["file", [{ prefix: "", group: topGroup }]],
    ["logger_provider.limits", [{ prefix: "", group: recordLimitsGroup }]],
    ["batch", [{ prefix: "", group: batchGroup }]],
    ["periodic", [{ prefix: "", group: periodicGroup }]],
    ["distribution.kerntel", [{ prefix: "", group: kerntelGroup }]],
    ["containers", [{ prefix: "", group: containersGroup }, ...ofSources]],
    ...ofExporters,
    ...ofEvents,
  ] as [string, SubjectPart[]][]);
}

/** What an exporter declares for metrics and not in the same way for log records. */
function onlyOther(metrics: SettingGroup, logs: SettingGroup | undefined): SettingGroup {
  const settings = Object.entries(metrics.settings).filter(([name, setting]) => {
    const other = logs?.settings[name];
    return other === undefined || JSON.stringify(other) !== JSON.stringify(setting);
  });
  return { ...metrics, settings: Object.fromEntries(settings) };
}
