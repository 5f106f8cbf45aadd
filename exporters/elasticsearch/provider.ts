/** The face of this folder: log records to a data stream of Elasticsearch. */
import type { ExporterProvider, LogExporter } from "../exporter-provider.ts";
import { elasticsearchGroup } from "./options.ts";
import type { ElasticsearchOptions } from "./options.ts";

const logs: LogExporter<ElasticsearchOptions> = {
  ...elasticsearchGroup,
  processors: ["batch"],
  findHost: ({ endpoint, endpoints = [endpoint] }) => new URL(endpoints[0] ?? endpoint).host,
  findPlace: ({ endpoint, endpoints = [endpoint], dataStream }) => {
    const nodes = endpoints.map((node) => {
      const { host, pathname } = new URL(node);
      return `${host}${pathname.replace(/\/+$/, "")}`;
    });
    return `${nodes.sort().join(",")}/${dataStream}`;
  },
  create: async (options) => (await import("./destination.ts")).createElasticsearchDestination(options),
};

export const elasticsearch: ExporterProvider = {
  name: "elasticsearch",
  description: "Elasticsearch 8.16 and newer.",
  logs,
};
