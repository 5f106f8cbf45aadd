/** What a live test learns of the running kernel, as a sentence of the report; `test/kernels.md` is made of them. */
import { release } from "node:os";
import type { TestContext } from "node:test";

/** The host, or the series that a virtual machine was started for. */
const kernel = process.env["KERNTEL_VM_SERIES"] ?? "host";

/** Whether the kernel is a virtual machine's, so that a test may harm whatever runs on it. */
export const isDisposable: boolean = kernel !== "host";

/** Builds of one version on hosts of one kind differ in nothing that is noted here. */
const version = isDisposable ? release() : (release().split("-", 1)[0] ?? "");

export type KernelFact = "hook" | "unsupported" | "provoked";

/** `provoked`: `detail` says by what; `hook`: where it is attached; `unsupported`: why it is not. */
export function noteKernel(context: TestContext, event: string, fact: KernelFact, detail: string): void {
  context.diagnostic(`kernel ${kernel} ${version}: ${event} ${fact}: ${detail}`);
}
