/** The running kernel's types, read once per file. */
import type { Btf } from "./btf/btf.ts";
import { BtfError } from "./btf/btf-error.ts";
import { loadKernelBtf } from "./btf/kernel.ts";

export interface KernelBtfOptions {
  /** Another file than /sys/kernel/btf/vmlinux. */
  readonly kernelBtfPath?: string;
}

const defaultKernelBtfPath = "/sys/kernel/btf/vmlinux";

const read = new Map<string, Btf>();

/** Throws a `BtfError`: `BTF_UNAVAILABLE`, `BTF_INVALID`. */
export function kernelBtf({ kernelBtfPath = defaultKernelBtfPath }: KernelBtfOptions = {}): Btf {
  const known = read.get(kernelBtfPath);
  if (known !== undefined) return known;
  const btf = loadKernelBtf(kernelBtfPath);
  read.set(kernelBtfPath, btf);
  return btf;
}

/** The types, or why there are none. */
export function tryKernelBtf(options: KernelBtfOptions): Btf | string {
  try {
    return kernelBtf(options);
  } catch (error) {
    if (error instanceof BtfError) return error.message;
    throw error;
  }
}
