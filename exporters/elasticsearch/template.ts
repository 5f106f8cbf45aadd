/** Types for our own attributes, put beside what Elasticsearch brings for `logs-*.otel-*`. Installed only on request. */
import { errors } from "@elastic/elasticsearch";
import type { Client } from "@elastic/elasticsearch";
import { attributeTypes } from "./attributes.generated.ts";

const COMPONENT_TEMPLATE = "kerntel@attributes";

/** Elasticsearch's own template for OpenTelemetry's log records, from 8.16 on. */
const STOCK_TEMPLATE = "logs-otel@template";
const STOCK_PRIORITY = 120;

interface IndexTemplate {
  readonly priority?: number;
  readonly composed_of?: readonly string[];
  readonly ignore_missing_component_templates?: readonly string[];
  readonly template?: object;
  readonly data_stream?: object;
  readonly allow_auto_create?: boolean;
}

/**
 * A component template with the types, and an index template for exactly this stream that adds it to the parts of the
 * stock template. A stream that exists already uses it from its next rollover on. Needs the right `manage_index_templates`.
 */
export async function installTemplate(client: Client, stream: string, signal: AbortSignal): Promise<void> {
  const put = async (path: string, body: object): Promise<void> => {
    await client.transport.request({ method: "PUT", path, body }, { headers: MEDIA_TYPES, signal });
  };
  const meta = { _meta: { managed_by: "kerntel", description: "Types of Kerntel's attributes." } };
  await put(`/_component_template/${COMPONENT_TEMPLATE}`, {
    template: { mappings: createMappings() },
    ...meta,
  });
  const stock = await readStockTemplate(client, signal);
  const { priority = STOCK_PRIORITY, composed_of: parts = [], data_stream = {} } = stock;
  await put(`/_index_template/${encodeURIComponent(`${stream}@template`)}`, {
    ...pick(stock, ["template", "ignore_missing_component_templates", "allow_auto_create"]),
    index_patterns: [stream],
    priority: priority + 1,
    composed_of: [...parts, COMPONENT_TEMPLATE],
    data_stream,
    ...meta,
  });
}

const MEDIA_TYPES = { "content-type": "application/json", accept: "application/json" };

/** Empty where there is none. */
async function readStockTemplate(client: Client, signal: AbortSignal): Promise<IndexTemplate> {
  const request = { method: "GET", path: `/_index_template/${STOCK_TEMPLATE}` };
  try {
    const answer = await client.transport.request(request, { headers: MEDIA_TYPES, signal });
    const { index_templates: found } = answer as { index_templates?: { index_template: IndexTemplate }[] };
    return found?.[0]?.index_template ?? {};
  } catch (error) {
    if (error instanceof errors.ResponseError && error.statusCode === 404) return {};
    throw error;
  }
}

/** `attributes` is as in the stock templates, so that a query needs no prefix. */
function createMappings(): object {
  const properties = Object.fromEntries(
    Object.entries(attributeTypes).map(([name, type]) => [name, FIELDS[type]]),
  );
  return { properties: { attributes: { type: "passthrough", dynamic: true, priority: 20, properties } } };
}

/** A value of an unexpected form is kept, and only not indexed. */
const FIELDS = {
  boolean: { type: "boolean", ignore_malformed: true },
  double: { type: "double", ignore_malformed: true },
  ip: { type: "ip", ignore_malformed: true },
  keyword: { type: "keyword", ignore_above: 1024 },
  long: { type: "long", ignore_malformed: true },
  text: { type: "text" },
} as const;

function pick<Value extends object>(value: Value, keys: readonly (keyof Value)[]): Partial<Value> {
  const entries = keys.filter((key) => value[key] !== undefined).map((key) => [key, value[key]]);
  return Object.fromEntries(entries) as Partial<Value>;
}
