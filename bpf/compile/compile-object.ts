/** One BPF program into one CO-RE object: BTF kept, DWARF dropped. */
import { execFile } from "node:child_process";
import { renameSync, rmSync } from "node:fs";
import { arch } from "node:process";
import { promisify } from "node:util";
import type { Tools } from "./find-tools.ts";

const run = promisify(execFile);

/** How libbpf's headers call the architecture, and where Debian keeps its kernel headers. */
const architectures: Readonly<Record<string, readonly [target: string, multiarch: string]>> = {
  x64: ["x86", "x86_64-linux-gnu"],
  arm64: ["arm64", "aarch64-linux-gnu"],
};

export interface CompileJob {
  /** Working directory; the other paths are relative to it, so that the object names no folder of this machine. */
  readonly root: string;
  readonly source: string;
  readonly output: string;
  readonly tools: Tools;
}

/** Replaces `output` in one step. Throws an error with the compiler's messages. */
export async function compileObject({ root, source, output, tools }: CompileJob): Promise<void> {
  const fresh = output.replace(/\.bpf\.o$/, `.${process.pid}.bpf.o`);
  try {
    await run(tools.clang, [...compilerFlags(root), "-c", source, "-o", fresh], { cwd: root });
    await run(tools.strip, ["-g", fresh], { cwd: root });
    renameSync(`${root}/${fresh}`, `${root}/${output}`);
  } catch (cause) {
    rmSync(`${root}/${fresh}`, { force: true });
    throw new Error(explain(source, cause), { cause });
  }
}

function compilerFlags(root: string): string[] {
  const [target, multiarch] = architectures[arch] ?? [];
  if (target === undefined)
    throw new Error(`BPF programs are not compiled on ${arch}: only on x64 and arm64.`);
  const flags =
    `-g -O2 -target bpf -mcpu=v3 -Wall -Wextra -Werror -D__TARGET_ARCH_${target} ` +
    `-Ibpf/include -idirafter /usr/include/${multiarch}`;
  return [...flags.split(" "), `-ffile-prefix-map=${root.replace(/\/$/, "")}=.`];
}

function explain(source: string, cause: unknown): string {
  const { stderr, message } = cause as { stderr?: string; message: string };
  const reason = stderr === undefined || stderr === "" ? message : stderr.trimEnd();
  const hint = /'bpf\/[^']+' file not found/.test(reason)
    ? "\nThe headers of libbpf are missing: install the Debian package libbpf-dev."
    : "";
  return `${source} could not be compiled:\n${reason}${hint}`;
}
