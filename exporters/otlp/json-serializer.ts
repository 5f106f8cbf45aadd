/**
 * OpenTelemetry's JSON of log records, but for whole numbers of attributes that are declared as doubles: it writes those as
 * integers, because JavaScript does not tell, and a backend that takes the type from the first value would cut the fractions
 * of all others.
 */
import { JsonLogsSerializer } from "@opentelemetry/otlp-transformer";
import { doubleAttributes } from "../double-attributes.generated.ts";

/** Quotes within a text are escaped, so only fields of the message match. */
const wholeDouble = new RegExp(
  `("key":"(?:${[...doubleAttributes].map((name) => RegExp.escape(name)).join("|")})","value":\\{)"intValue":`,
  "g",
);

export const jsonLogsSerializer: typeof JsonLogsSerializer = {
  serializeRequest: (records) => {
    const json = JsonLogsSerializer.serializeRequest(records);
    if (json === undefined) return undefined;
    const text = Buffer.from(json.buffer, json.byteOffset, json.byteLength).toString();
    return Buffer.from(text.replace(wholeDouble, '$1"doubleValue":'));
  },
  deserializeResponse: (bytes) => JsonLogsSerializer.deserializeResponse(bytes),
};
