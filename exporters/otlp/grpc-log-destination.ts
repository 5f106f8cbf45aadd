/**
 * Log records to any OTLP/gRPC endpoint on a channel of our own, because OTel's exporter shows neither
 * a partial success nor when to try again, and after an outage it may stay away for minutes.
 */
import { type ServiceError, status } from "@grpc/grpc-js";
import { ProtobufLogsSerializer } from "@opentelemetry/otlp-transformer";
import type { ReadableLogRecord } from "@opentelemetry/sdk-logs";
import type { BoundedGrpcClient } from "../bounded-grpc.ts";
import type { DestinationOptions } from "../client-settings.ts";
import { readErrorMessage } from "../coded-error.ts";
import type { Destination, SendResult } from "../contract.ts";
import { encodeLogs } from "../encode-logs.ts";
import type { Fault } from "../http-status.ts";
import { estimateRequestBytes } from "../record-size.ts";
import { sendInParts, type TooLarge } from "../send-in-parts.ts";
import { fillDefaults } from "../setting.ts";
import { createGrpcClient, type GrpcSettings, resolveGrpcSettings } from "./grpc-settings.ts";
import { grpcLogGroup, type OtlpOptions } from "./options.ts";
import { readPartialSuccess } from "./partial-success.ts";
import { readRetryDelayMs } from "./retry-info.ts";

const EXPORT = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

/**
 * `name` is that of the cursor and of the metrics; two destinations need two names. Options that are left out have their declared
 * defaults. Throws a coded error where a file cannot be read; an endpoint that cannot be reached is no error.
 */
export function createOtlpGrpcLogDestination({
  name = "otlp_grpc",
  ...given
}: Partial<OtlpOptions & DestinationOptions> & { readonly name?: string }): Destination {
  const options = fillDefaults<OtlpOptions & DestinationOptions>(grpcLogGroup, given);
  const settings = resolveGrpcSettings(options);
  const client = createGrpcClient(settings, options.compression);
  const limit = { limitBytes: options.maxRequestBytes, measure: estimateRequestBytes };
  return {
    name,
    send: (records, signal) =>
      sendInParts(records, (part) => sendPart({ client, settings }, part, signal), limit),
    async shutdown() {
      client.close();
    },
  };
}

interface Channel {
  readonly client: BoundedGrpcClient;
  readonly settings: GrpcSettings;
}

async function sendPart(
  { client, settings: { metadata, timeoutMs } }: Channel,
  records: readonly ReadableLogRecord[],
  signal: AbortSignal,
): Promise<SendResult | TooLarge> {
  let request: Uint8Array;
  try {
    request = encodeLogs(records);
  } catch (error) {
    return { kind: "rejected", reason: "encoding", count: records.length, message: readErrorMessage(error) };
  }
  try {
    const answer = await client.call(EXPORT, request, { metadata, timeoutMs, signal });
    return readPartialSuccess(ProtobufLogsSerializer.deserializeResponse(answer), records.length);
  } catch (error) {
    return readFailure(error as ServiceError, records.length);
  }
}

/** Twins of the statuses in `../http-status.ts`; what is not here is the fault of the moment, as CANCELLED and UNAVAILABLE. */
const FAULTS: Partial<Readonly<Record<status, Fault>>> = {
  [status.INVALID_ARGUMENT]: "data",
  [status.ALREADY_EXISTS]: "data",
  [status.FAILED_PRECONDITION]: "data",
  [status.NOT_FOUND]: "destination",
  [status.PERMISSION_DENIED]: "destination",
  [status.UNAUTHENTICATED]: "destination",
  [status.UNIMPLEMENTED]: "destination",
};

function readFailure({ code, details, metadata }: ServiceError, count: number): SendResult | TooLarge {
  const reason = `grpc_${(status[code] ?? "unknown").toLowerCase()}`;
  const message = details.slice(0, 500);
  // How every implementation of gRPC says that a message is over the receiver's limit.
  if (code === status.RESOURCE_EXHAUSTED && details.includes("larger than max"))
    return { kind: "too_large", reason, message };
  // What answered is no gRPC server; grpc-js has no other word for that.
  const isRedirected = code === status.UNKNOWN && /HTTP status code 3\d\d/i.test(details);
  const fault = isRedirected ? "destination" : FAULTS[code];
  if (fault === "destination") return { kind: "blocked", reason, message };
  if (fault === "data") return { kind: "rejected", isWholeRequest: true, reason, count, message };
  const retryAfterMs = readRetryDelayMs(metadata);
  return { kind: "retry", reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
