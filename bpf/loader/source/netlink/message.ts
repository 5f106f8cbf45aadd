/** Netlink messages and their attributes (Documentation/userspace-api/netlink/intro.rst), in the machine's byte order. */
import { decodeKernelText } from "../btf/text.ts";

const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const TYPE_MASK = 0x3fff;

export interface NetlinkMessage {
  /** As RTM_NEWLINK, or NLMSG_DONE. */
  readonly type: number;
  readonly flags: number;
  /** Of the request that is answered; 0 where nobody asked. */
  readonly sequence: number;
  /** Everything behind the header. Reused after the call that handed it out: copy what is to be kept. */
  readonly payload: Uint8Array;
}

/** Attributes by type; of several of one type the last counts. */
export type NetlinkAttributes = ReadonlyMap<number, Uint8Array>;

/** The messages of one datagram. Ends at the first whose length makes no sense. */
export function* readMessages(datagram: Uint8Array): Generator<NetlinkMessage> {
  const view = viewOf(datagram);
  for (let offset = 0; offset + HEADER_BYTES <= datagram.length;) {
    const length = view.getUint32(offset, true);
    if (length < HEADER_BYTES || offset + length > datagram.length) return;
    yield {
      type: view.getUint16(offset + 4, true),
      flags: view.getUint16(offset + 6, true),
      sequence: view.getUint32(offset + 8, true),
      payload: datagram.subarray(offset + HEADER_BYTES, offset + length),
    };
    offset += align(length);
  }
}

/** Attributes from `offset` on. Ends at the first whose length makes no sense. */
export function readAttributes(bytes: Uint8Array, offset: number = 0): NetlinkAttributes {
  const attributes = new Map<number, Uint8Array>();
  const view = viewOf(bytes);
  for (let at = offset; at + ATTRIBUTE_HEADER_BYTES <= bytes.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > bytes.length) break;
    const type = view.getUint16(at + 2, true) & TYPE_MASK;
    attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER_BYTES, at + length));
    at += align(length);
  }
  return attributes;
}

/** A request of one message. */
export function writeRequest(type: number, flags: number, sequence: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + payload.length);
  const view = viewOf(bytes);
  view.setUint32(0, bytes.length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** An unsigned number of 1, 2 or 4 bytes; undefined where the attribute is missing or of another length. */
export function readNumber(attribute: Uint8Array | undefined): number | undefined {
  if (attribute === undefined) return undefined;
  const view = viewOf(attribute);
  if (attribute.length === 4) return view.getUint32(0, true);
  if (attribute.length === 2) return view.getUint16(0, true);
  return attribute.length === 1 ? view.getUint8(0) : undefined;
}

/** Up to the first NUL; `""` where the attribute is missing. */
export function readText(attribute: Uint8Array | undefined): string {
  return attribute === undefined ? "" : decodeKernelText(attribute);
}

/** Bytes as `02:fc:00:00:00:01`; `""` where the attribute is missing. */
export function readHardwareAddress(attribute: Uint8Array | undefined): string {
  return Array.from(attribute ?? [], (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

function align(length: number): number {
  return (length + 3) & ~3;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
