/** Receivers of the three protocols that answer as a test says, and know which records they took. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { gunzipSync } from "node:zlib";
import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";

export type Protocol = "elasticsearch" | "otlp_http" | "otlp_grpc";

/** What the receiver does with one request. */
export type Answer =
  | { readonly kind: "take" }
  /** Accepts the request and never answers. */
  | { readonly kind: "hang" }
  | {
      readonly kind: "fail";
      readonly status: number;
      readonly retryAfterSeconds?: number;
      /** Of Elasticsearch: each item fails so, in an answer of 200. */
      readonly itemType?: string;
    }
  /** What something else than the receiver answers, as a proxy does. */
  | {
      readonly kind: "proxy";
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Takes all but some of the records, given by their uid. */
  | { readonly kind: "refuse"; readonly uids: ReadonlySet<string> };

export interface ReceiverOptions {
  readonly kind: Protocol;
  readonly port?: number;
  /** Takes everything where left out. `attempt` counts from 1. */
  readonly answer?: (attempt: number, uids: readonly string[], sizeBytes: number, path?: string) => Answer;
}

export interface Receiver {
  readonly url: string;
  /** Uids of what was taken, in the order it came. */
  readonly taken: string[];
  attempts: number;
}

const UID = /01[0-9A-HJKMNP-TV-Z]{24}/g;
const TAKE: Answer = { kind: "take" };

export async function startReceiver(context: TestContext, options: ReceiverOptions): Promise<Receiver> {
  const receiver = { url: "", taken: [] as string[], attempts: 0 };
  const decide = (
    body: Buffer,
    path?: string,
  ): { readonly answer: Answer; readonly uids: readonly string[] } => {
    receiver.attempts += 1;
    // A uid stands in a document's action and in its attributes.
    const uids = [...new Set(body.toString("latin1").match(UID))];
    const answer = options.answer?.(receiver.attempts, uids, body.length, path) ?? TAKE;
    if (answer.kind === "take") receiver.taken.push(...uids);
    if (answer.kind === "refuse") receiver.taken.push(...uids.filter((uid) => !answer.uids.has(uid)));
    return { answer, uids };
  };
  const start = options.kind === "otlp_grpc" ? startGrpc : startHttp;
  receiver.url = `http://127.0.0.1:${await start(context, options, decide)}`;
  return receiver;
}

type Decide = (body: Buffer, path?: string) => { readonly answer: Answer; readonly uids: readonly string[] };

async function startHttp(
  context: TestContext,
  { kind, port = 0 }: ReceiverOptions,
  decide: Decide,
): Promise<number> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const bytes = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
      const { answer, uids } = decide(body, request.url);
      if (answer.kind === "hang") return;
      if (answer.kind === "proxy") {
        response.writeHead(answer.status, answer.headers).end(answer.body);
        return;
      }
      response.setHeader("content-type", "application/json");
      if (answer.kind === "fail" && answer.itemType !== undefined) {
        const create = { status: answer.status, error: { type: answer.itemType, reason: "as told" } };
        response.end(JSON.stringify({ errors: true, items: uids.map(() => ({ create })) }));
        return;
      }
      if (answer.kind === "fail") {
        if (answer.retryAfterSeconds !== undefined)
          response.setHeader("retry-after", answer.retryAfterSeconds);
        response.writeHead(answer.status).end('{"error":"as told"}');
        return;
      }
      const refused = answer.kind === "refuse" ? answer.uids : new Set<string>();
      response.writeHead(200);
      response.end(
        JSON.stringify(kind === "elasticsearch" ? answerBulk(uids, refused) : answerOtlp(uids, refused)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

function answerBulk(uids: readonly string[], refused: ReadonlySet<string>): object {
  const error = { type: "document_parsing_exception", reason: "as told" };
  const items = uids.map((uid) => ({ create: refused.has(uid) ? { status: 400, error } : { status: 201 } }));
  return { errors: items.some(({ create }) => create.status !== 201), items };
}

function answerOtlp(uids: readonly string[], refused: ReadonlySet<string>): object {
  const count = uids.filter((uid) => refused.has(uid)).length;
  return count === 0
    ? {}
    : { partialSuccess: { rejectedLogRecords: String(count), errorMessage: "as told" } };
}

const GRPC_STATUS: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.UNIMPLEMENTED,
  408: status.DEADLINE_EXCEEDED,
  413: status.RESOURCE_EXHAUSTED,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
};

async function startGrpc(
  context: TestContext,
  { port = 0 }: ReceiverOptions,
  decide: Decide,
): Promise<number> {
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  const path = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";
  type Respond = (failure: object | null, body?: Buffer) => void;
  const handle = ({ request }: { request: Buffer }, respond: Respond): void => {
    const { answer, uids } = decide(request);
    if (answer.kind === "hang" || answer.kind === "proxy") return;
    if (answer.kind === "fail") {
      const details = answer.status === 413 ? "received message larger than max" : "as told";
      const metadata = new Metadata();
      if (answer.retryAfterSeconds !== undefined) addRetryInfo(metadata, answer.retryAfterSeconds);
      return respond({ code: GRPC_STATUS[answer.status] ?? status.UNKNOWN, details, metadata });
    }
    const count = answer.kind === "refuse" ? uids.filter((uid) => answer.uids.has(uid)).length : 0;
    // ExportLogsServiceResponse { partial_success: { rejected_log_records: count } }
    respond(null, count === 0 ? Buffer.alloc(0) : Buffer.from([0x0a, 2, 0x08, count]));
  };
  server.register(
    path,
    handle,
    (body: Buffer) => body,
    (body: Buffer) => body,
    "unary",
  );
  context.after(() => server.forceShutdown());
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
}

/** google.rpc.Status with a google.rpc.RetryInfo of whole seconds. */
function addRetryInfo(metadata: Metadata, seconds: number): void {
  const url = Buffer.from("type.googleapis.com/google.rpc.RetryInfo");
  const info = Buffer.from([0x0a, 2, 0x08, seconds]);
  const any = Buffer.from([0x0a, url.length, ...url, 0x12, info.length, ...info]);
  metadata.set("grpc-status-details-bin", Buffer.from([0x08, 8, 0x1a, any.length, ...any]));
}
