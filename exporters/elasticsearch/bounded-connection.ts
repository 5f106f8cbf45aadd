/** Elastic's connection with our own request: its timeout and its abort end with the headers, and it unpacks without a limit. */
import { Agent } from "node:http";
import { type ClientOptions, errors, HttpConnection } from "@elastic/elasticsearch";
import { LARGEST_BACKEND_ANSWER_BYTES, requestBounded } from "../bounded-request.ts";
import { readErrorCode, readErrorMessage } from "../coded-error.ts";

type Request = HttpConnection["request"];
type Parameters = globalThis.Parameters<Request>[0];
type Options = globalThis.Parameters<Request>[1];

/** `timeoutMs`: where the client gives none with the request. */
export function createConnectionClass(timeoutMs: number): NonNullable<ClientOptions["Connection"]> {
  return class BoundedConnection extends HttpConnection {
    override readonly request = (async (params: Parameters, options: Options) => {
      const { method, path, headers, agent, hostname, port, protocol } = this.buildRequestObject(
        params,
        options,
      );
      // Elastic's constructor makes one for each connection, unless an option prevents it.
      if (!(agent instanceof Agent)) throw new errors.ConfigurationError("a connection needs an agent");
      const target = { method, path, headers, agent, hostname, port, protocol };
      try {
        const answer = await requestBounded(target, readSentBody(params.body), {
          timeoutMs: options.timeout ?? timeoutMs,
          largestAnswerBytes: LARGEST_BACKEND_ANSWER_BYTES,
          signal: options.signal,
        });
        // It is unpacked by now, and text as everything that Elasticsearch answers to us.
        const { "content-encoding": _, ...told } = answer.headers;
        return { statusCode: answer.status, headers: told, body: answer.body.toString("utf8") };
      } catch (error) {
        // By the type of these the client knows that the node is not there.
        throw new errors.ConnectionError(describe(error));
      }
    }) as Request;

    override async close(): Promise<void> {
      // Requests that are on their way end with their connections; the records are in the log.
      this.agent?.destroy();
    }
  };
}

/** We send no streams. */
function readSentBody(body: Parameters["body"]): string | Uint8Array | undefined {
  return typeof body === "string" || Buffer.isBuffer(body) ? body : undefined;
}

/** The code first, for the reason of the retry. */
function describe(error: unknown): string {
  return [readErrorCode(error), readErrorMessage(error)].filter(Boolean).join("; ");
}
