/**
 * What went wrong with type information or with a value:
 * - `ELF_INVALID`: not an ELF64 file, or cut short
 * - `BTF_INVALID`: BTF that contradicts itself, or is cut short
 * - `BTF_UNAVAILABLE`: the kernel, or the object, carries no BTF
 * - `BTF_UNSUPPORTED`: a type that has no JavaScript value here (bit fields, functions, 128-bit integers)
 * - `BTF_VALUE_INVALID`: a value that does not fit its type
 */
export type BtfErrorCode =
  "ELF_INVALID" | "BTF_INVALID" | "BTF_UNAVAILABLE" | "BTF_UNSUPPORTED" | "BTF_VALUE_INVALID";

export class BtfError extends Error {
  readonly code: BtfErrorCode;

  constructor(code: BtfErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BtfError";
    this.code = code;
  }
}
