/** The schema of the whole file: the part of OpenTelemetry's that Kerntel supports, closed, with all that plugs in. */
import { withEnabled } from "./declaration.ts";
import type { DeclaredEvents, Declarations, DeclaredExporter, SettingGroup } from "./declaration.ts";
import {
  batchGroup,
  containersGroup,
  kerntelGroup,
  periodicGroup,
  recordLimitsGroup,
  topGroup,
} from "./file-settings.ts";
import { propertiesOf, schemaOfChoice, schemaOfGroup } from "./group-schema.ts";
import type { JsonSchema } from "./group-schema.ts";
import { attributeTypes } from "./resource-attributes.ts";

/** Sections of signals that Kerntel does not send. */
export const unusedKeys: readonly string[] = ["propagator", "tracer_provider", "instrumentation/development"];

const recordLimitsDescription = "Limits of log records, which win over attribute_limits.";

type SchemaOfEvent = (settings: DeclaredEvents[string]) => JsonSchema | true;

export function makeFileSchema(
  declarations: Declarations,
  schemaOf: SchemaOfEvent = schemaOfEvent,
): JsonSchema {
  return {
    type: "object",
    required: ["file_format"],
    additionalProperties: false,
    properties: {
      file_format: {
        description: '"1.0" or "1.1", in quotes',
        type: "string",
        pattern: "^1\\.[01](-[\\w.]+)?$",
      },
      ...propertiesOf(topGroup.settings),
      resource: resourceSchema,
      logger_provider: listSchema(
        "processors",
        processorSchema(declarations.exporters),
        ["logger_configurator/development"],
        // OpenTelemetry's own schema does not allow null here.
        { limits: { ...schemaOfGroup(recordLimitsGroup, recordLimitsDescription), type: "object" } },
      ),
      meter_provider: listSchema("readers", readerSchema(declarations.exporters), [
        "views",
        "exemplar_filter",
        "meter_configurator/development",
      ]),
      distribution: {
        type: "object",
        minProperties: 1,
        additionalProperties: { type: "object" },
        properties: { kerntel: kerntelSchema(declarations, schemaOf) },
      },
    },
    patternProperties: {
      [`^(${unusedKeys.join("|")})$`]: {
        description: "Of signals that Kerntel does not send: accepted with a warning.",
      },
    },
  };
}

function listSchema(
  key: string,
  items: JsonSchema,
  unsupported: readonly string[],
  others: JsonSchema = {},
): JsonSchema {
  return {
    type: "object",
    required: [key],
    additionalProperties: false,
    properties: { [key]: { type: "array", minItems: 1, items }, ...others },
    unsupported,
  };
}

function processorSchema(exporters: readonly DeclaredExporter[]): JsonSchema {
  const chosen = (processor: "batch" | "simple"): JsonSchema => {
    const found = exporters.filter(({ logs }) => logs?.processors.includes(processor));
    const schemas = found.map(({ name, description, logs }) => [
      name,
      schemaOfGroup(logs ?? { settings: {} }, description),
    ]);
    return schemaOfChoice(Object.fromEntries(schemas) as JsonSchema, ["otlp_file/development"]);
  };
  return schemaOfChoice(
    {
      batch: schemaOfComponent(batchGroup, chosen("batch")),
      simple: schemaOfComponent({ settings: {} }, chosen("simple")),
    },
    ["event_to_span_event_bridge/development"],
  );
}

function readerSchema(exporters: readonly DeclaredExporter[]): JsonSchema {
  const chosen = (reader: "pull" | "periodic"): JsonSchema => {
    const found = exporters.filter(({ metrics }) => metrics?.readers.includes(reader));
    const schemas = found.map(({ name, description, metrics }) => [
      name,
      schemaOfGroup(metrics ?? { settings: {} }, description),
    ]);
    return schemaOfChoice(
      Object.fromEntries(schemas) as JsonSchema,
      reader === "periodic" ? ["otlp_file/development"] : undefined,
    );
  };
  return schemaOfChoice({
    pull: schemaOfComponent(
      { settings: {}, unsupported: ["producers", "cardinality_limits"] },
      chosen("pull"),
    ),
    periodic: schemaOfComponent(periodicGroup, chosen("periodic")),
  });
}

/** A processor or a reader: its own settings and one exporter. */
function schemaOfComponent(group: SettingGroup, exporter: JsonSchema): JsonSchema {
  const schema = schemaOfGroup(group);
  const properties = { ...(schema["properties"] as object), exporter };
  return { ...schema, type: "object", required: ["exporter"], properties };
}

function kerntelSchema({ exporters, sources, events }: Declarations, schemaOf: SchemaOfEvent): JsonSchema {
  const sections = exporters.flatMap(({ description, logs }) =>
    logs?.ownSection ? [[logs.ownSection.key, schemaOfGroup(logs, description)] as const] : [],
  );
  return {
    type: "object",
    additionalProperties: false,
    properties: {
      ...propertiesOf(kerntelGroup.settings),
      ...Object.fromEntries(sections),
      containers: containersSchema(sources),
      events: {
        description: "Events by their names.",
        type: ["object", "null"],
        additionalProperties: false,
        properties: Object.fromEntries(
          Object.entries(events).map(([name, settings]) => [name, schemaOf(settings)]),
        ),
      },
    },
  };
}

export function schemaOfEvent(settings: DeclaredEvents[string]): JsonSchema {
  return schemaOfGroup(withEnabled({ settings }));
}

function containersSchema(sources: Declarations["sources"]): JsonSchema {
  const schema = schemaOfGroup(
    containersGroup,
    "Container runtimes and the kubelet, which name containers and pods.",
  );
  const schemas = sources.map((source) => [
    source.name,
    schemaOfGroup(withEnabled(source), source.description),
  ]);
  return {
    ...schema,
    properties: { ...(schema["properties"] as object), ...(Object.fromEntries(schemas) as object) },
  };
}

const resourceSchema: JsonSchema = {
  description: "Attributes of the resource beside those that are detected.",
  type: "object",
  additionalProperties: false,
  properties: {
    attributes: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["name", "value"],
        additionalProperties: false,
        properties: {
          name: { type: "string", minLength: 1 },
          value: {},
          type: {
            type: ["string", "null"],
            enum: [...attributeTypes, null],
          },
        },
        valueOfType: true,
      },
    },
    attributes_list: { type: ["string", "null"], format: "key-value-list" },
  },
  unsupported: ["detection/development", "schema_url"],
};
