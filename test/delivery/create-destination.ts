/** A destination of each protocol, for the receivers of `faulty-receiver.ts`. */
import type { Destination } from "#exporters/contract.ts";
import { createElasticsearchDestination } from "#exporters/elasticsearch/destination.ts";
import { createOtlpGrpcLogDestination } from "#exporters/otlp/grpc-log-destination.ts";
import { createOtlpHttpLogDestination } from "#exporters/otlp/log-destination.ts";
import type { Protocol } from "./faulty-receiver.ts";

export const createDestination: Readonly<Record<Protocol, (url: string, timeoutMs?: number) => Destination>> =
  {
    elasticsearch: (url) => createElasticsearchDestination({ endpoints: [url] }),
    // OTel's exporter tries again by itself for so long, before the delivery hears of a failure.
    otlp_http: (url, timeoutMs = 300) =>
      createOtlpHttpLogDestination({ endpoint: `${url}/v1/logs`, timeoutMs, encoding: "json" }),
    otlp_grpc: (url) => createOtlpGrpcLogDestination({ endpoint: url }),
  };

export const protocols = Object.keys(createDestination) as Protocol[];
