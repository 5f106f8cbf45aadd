/** What the typedefs of bpf/include/event.h mean, and how JavaScript holds them. */

export interface Meaning {
  readonly type: "number" | "bigint" | "string";
  /** Goes above the field of the interface. */
  readonly says?: string;
  /** `sizeBytes` is that of the typedef. */
  read(at: string, sizeBytes: number): string;
  /** Where an array of it is more than a list of elements. */
  readonly array?: { readonly type: string; read(at: string, length: number): string };
}

const numberOf64 = (says: string): Meaning => ({
  type: "number",
  says,
  read: (at) => `readUint64(view, ${at})`,
});

const bigintOf = (says: string): Meaning => ({
  type: "bigint",
  says,
  read: (at) => `view.getBigUint64(${at}, true)`,
});

export const meanings: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["nanoseconds", numberOf64("Nanoseconds.")],
  ["byte_count", numberOf64("Bytes.")],
  ["page_count", numberOf64("Pages of the machine's page size.")],
  ["event_count", numberOf64("A count.")],
  ["unsigned_number", { type: "number", read: (at) => `readUint64(view, ${at})` }],
  ["signed_number", { type: "number", read: (at) => `Number(view.getBigInt64(${at}, true))` }],
  [
    "kernel_address",
    {
      ...bigintOf("An address in the kernel."),
      array: { type: "readonly bigint[]", read: (at, length) => `readAddresses(view, ${at}, ${length})` },
    },
  ],
  ["cgroup_id", bigintOf("Inode number of the cgroup's directory.")],
  ["opaque_id", bigintOf("Only good to be compared.")],
  [
    "ip_address",
    { type: "string", says: "IPv4 or IPv6 address.", read: (at) => `readIpAddress(view, ${at})` },
  ],
  [
    "cgroup_path",
    {
      type: "string",
      says: "Path of a cgroup below the root of its hierarchy, with `…` for what had no room; empty where it could not be read.",
      read: (at, sizeBytes) => `readCgroupPath(view, ${at}, ${sizeBytes})`,
    },
  ],
  ["__be16", { type: "number", read: (at) => `view.getUint16(${at})` }],
  ["__be32", { type: "number", read: (at) => `view.getUint32(${at})` }],
]);
