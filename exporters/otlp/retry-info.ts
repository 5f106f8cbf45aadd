/**
 * When a gRPC server wants to be asked again: `google.rpc.RetryInfo` in the status details of its answer, read from
 * the protobuf bytes of google/rpc/status.proto and error_details.proto.
 */
import type { Metadata } from "@grpc/grpc-js";
import { limitDelayMs } from "../clock.ts";

const DETAILS = 3; // of Status, an Any each
const [TYPE_URL, VALUE] = [1, 2]; // of Any
const RETRY_DELAY = 1; // of RetryInfo, a Duration
const [SECONDS, NANOS] = [1, 2]; // of Duration

/** Limited as every sleep is; `undefined` where the server does not say. */
export function readRetryDelayMs(metadata: Metadata): number | undefined {
  const [status] = metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(status)) return undefined;
  try {
    for (const [field, any] of readFields(status)) {
      if (field !== DETAILS || typeof any === "number") continue;
      const parts = new Map(readFields(any));
      const [url, value] = [parts.get(TYPE_URL), parts.get(VALUE)];
      if (!Buffer.isBuffer(url) || !url.toString().endsWith("/google.rpc.RetryInfo")) continue;
      const delay = Buffer.isBuffer(value) ? new Map(readFields(value)).get(RETRY_DELAY) : undefined;
      return Buffer.isBuffer(delay) ? readDurationMs(delay) : 0;
    }
  } catch {
    // Bytes that are no protobuf say nothing.
  }
  return undefined;
}

function readDurationMs(duration: Buffer): number {
  const parts = new Map(readFields(duration));
  const [seconds = 0, nanos = 0] = [parts.get(SECONDS), parts.get(NANOS)].map(Number);
  // A negative number has the full ten bytes and is read as a huge one: it means that there is nothing to wait for.
  if (seconds >= 2 ** 63 || nanos >= 2 ** 63) return 0;
  return limitDelayMs((seconds || 0) * 1000 + Math.floor((nanos || 0) / 1_000_000));
}

/** Throws a `RangeError` where the bytes end in the middle. */
function readFields(bytes: Buffer): [field: number, value: number | Buffer][] {
  const fields: [number, number | Buffer][] = [];
  for (let offset = 0; offset < bytes.length;) {
    const [tag, afterTag] = readVarint(bytes, offset);
    const [field, wireType] = [tag >>> 3, tag & 7];
    const [size, start] =
      wireType === 5 || wireType === 1 ? [8 - (wireType & 4), afterTag] : readVarint(bytes, afterTag);
    if (wireType !== 0 && start + size > bytes.length)
      throw new RangeError("a field is longer than its message");
    fields.push([field, wireType === 0 ? size : bytes.subarray(start, start + size)]);
    offset = wireType === 0 ? start : start + size;
  }
  return fields;
}

function readVarint(bytes: Buffer, offset: number): [value: number, next: number] {
  let value = 0;
  for (let index = offset, scale = 1; index < offset + 10; index++, scale *= 128) {
    const byte = bytes.readUInt8(index);
    value += (byte & 127) * scale;
    if (byte < 128) return [value, index + 1];
  }
  throw new RangeError("a number is too long");
}
