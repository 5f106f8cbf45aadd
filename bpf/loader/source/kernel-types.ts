/**
 * What CO-RE relocations are resolved against, by files that everybody may read. Without it libbpf looks for a type that the
 * kernel lacks in the BTF of every module, which it asks for by id: that needs CAP_SYS_ADMIN, and reads them all.
 */
import { existsSync, readFileSync } from "node:fs";
import { refuse, requireText } from "./argument.ts";
import { joinBtf } from "./btf/join.ts";

export interface KernelTypesOptions {
  /** BTF that CO-RE relocations are resolved against, for kernels without their own. */
  readonly kernelBtfPath?: string;
  /** A module (as `bonding`) whose types count too, where it is loaded as one; types of other modules do not. */
  readonly kernelModule?: string;
}

/** A path, bytes, or neither where libbpf must look for the kernel's types itself. */
export interface KernelTypes {
  readonly path: string | null;
  readonly bytes: Uint8Array | null;
}

const FOLDER = "/sys/kernel/btf";

/** `folder` holds `vmlinux` and a file for each module. */
export function findKernelTypes(options: KernelTypesOptions, folder: string = FOLDER): KernelTypes {
  const { kernelBtfPath = `${folder}/vmlinux`, kernelModule } = options;
  requireText("options.kernelBtfPath", kernelBtfPath, "open");
  if (options.kernelBtfPath === undefined && !existsSync(kernelBtfPath)) return { path: null, bytes: null };
  if (kernelModule === undefined) return { path: kernelBtfPath, bytes: null };
  if (!/^\w+$/.test(kernelModule))
    throw refuse("options.kernelModule", "a module's name", kernelModule, "open");
  const modulePath = `${folder}/${kernelModule}`;
  if (!existsSync(modulePath)) return { path: kernelBtfPath, bytes: null };
  return { path: null, bytes: joinBtf(readFileSync(kernelBtfPath), readFileSync(modulePath)) };
}
