/** What is in a data stream, asked of Elasticsearch by anything but the client under test. */
import type { ElasticsearchNode } from "./elasticsearch-node.ts";

export interface StoredDocument {
  readonly id: string;
  readonly source: Readonly<Record<string, unknown>>;
}

/** Every document, by id. */
export async function readDocuments(node: ElasticsearchNode, stream: string): Promise<StoredDocument[]> {
  await node.ask("POST", `/${stream}/_refresh`);
  const documents: StoredDocument[] = [];
  for (let after: readonly unknown[] | undefined; ;) {
    const { body } = await node.ask("POST", `/${stream}/_search`, {
      size: 1000,
      sort: [{ "log.record.uid": "asc" }],
      ...(after && { search_after: after }),
    });
    const hits = body.hits.hits as { _id: string; _source: Record<string, unknown>; sort: unknown[] }[];
    documents.push(...hits.map(({ _id: id, _source: source }) => ({ id, source })));
    after = hits.at(-1)?.sort;
    if (after === undefined) return documents;
  }
}

/** How many documents a query finds. */
export async function countDocuments(
  node: ElasticsearchNode,
  stream: string,
  query: object,
): Promise<number> {
  await node.ask("POST", `/${stream}/_refresh`);
  const { body } = await node.ask("POST", `/${stream}/_count`, { query });
  return body.count as number;
}

/** The parts of Elasticsearch's own templates for OpenTelemetry that the peer's field types allow. */
export async function installStockTemplates(node: ElasticsearchNode): Promise<void> {
  const properties = {
    "@timestamp": { type: "date_nanos" },
    observed_timestamp: { type: "date_nanos" },
    severity_number: { type: "byte" },
    severity_text: { type: "keyword" },
    event_name: { type: "keyword" },
    data_stream: {
      properties: { type: { type: "keyword" }, dataset: { type: "keyword" }, namespace: { type: "keyword" } },
    },
    attributes: passthrough(20),
    resource: { properties: { attributes: passthrough(40) } },
    scope: { properties: { name: { type: "keyword" }, version: { type: "keyword" } } },
    body: { properties: { text: { type: "text" }, structured: { type: "flattened" } } },
  };
  const strings = { mapping: { type: "keyword", ignore_above: 1024 }, match_mapping_type: "string" };
  const mappings = { dynamic: false, properties, dynamic_templates: [{ strings }] };
  await node.ask("PUT", "/_component_template/otel@mappings", { template: { mappings } });
  await node.ask("PUT", "/_index_template/logs-otel@template", {
    index_patterns: ["logs-*.otel-*"],
    priority: 120,
    data_stream: {},
    composed_of: ["otel@mappings", "logs-otel@custom"],
    ignore_missing_component_templates: ["logs-otel@custom"],
  });
}

/** Its fields are found without the prefix. */
function passthrough(priority: number): object {
  return { type: "passthrough", dynamic: true, priority };
}
