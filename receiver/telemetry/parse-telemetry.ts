/** The text of a `telemetry.yaml`, checked against the schema. */
import type {
  AttributeDefinition,
  AttributeGroup,
  EventDefinition,
  MetricDescription,
  TelemetryFile,
} from "./definition.ts";
import { parseFile } from "./parse-file.ts";
import { telemetrySchema } from "./schema.ts";

interface TelemetryContent {
  attributes?: AttributeDefinition[];
  attribute_groups?: AttributeGroup[];
  events?: EventDefinition[];
  metrics?: MetricDescription[];
}

/** Throws `TelemetryError` with every mistake of the file. */
export function parseTelemetry(path: string, text: string): TelemetryFile {
  const { content, lineOf } = parseFile<TelemetryContent>(path, text, telemetrySchema);
  const { attributes = [], attribute_groups: groups = [], events = [], metrics = [] } = content;
  return { path, attributes, groups, events, metrics, lineOf };
}
