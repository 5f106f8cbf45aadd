/** Names of error numbers, also of those that Node does not name or that are the kernel's and libbpf's own. */
import { getSystemErrorName } from "node:util";

const foreignNames: Readonly<Record<number, string>> = {
  77: "EBADFD",
  117: "EUCLEAN",
  524: "ENOTSUPP",
  4000: "LIBBPF_ELF",
  4001: "LIBBPF_FORMAT",
  4002: "LIBBPF_KVERSION",
  4003: "LIBBPF_ENDIAN",
  4004: "LIBBPF_INTERNAL",
  4005: "LIBBPF_RELOC",
  4006: "LIBBPF_LOAD",
  4007: "LIBBPF_VERIFY",
  4008: "LIBBPF_PROG2BIG",
  4009: "LIBBPF_KVER",
  4010: "LIBBPF_PROGTYPE",
};

/** `EPERM` for 1. */
export function errnoName(errno: number): string {
  const foreign = foreignNames[errno];
  if (foreign !== undefined) return foreign;
  const name = getSystemErrorName(-errno);
  return name.startsWith("Unknown") ? `errno ${errno}` : name;
}
