/**
 * What containerd and CRI-O add to a verbose status, as JSON without a fixed form: containerd, internal/cri/server
 * (`ContainerInfo`, `SandboxInfo`); CRI-O, server/container_status.go and sandbox_status.go.
 */
import type { Evidence } from "../source.ts";

interface Info {
  readonly pid?: unknown;
  readonly runtimeSpec?: { readonly linux?: { readonly cgroupsPath?: unknown } | null } | null;
}

/** Nothing where the text is no JSON, or does not say it. */
export function readInfo(text: string | undefined): Pick<Evidence, "pid" | "cgroupsPath"> {
  const info = parse(text);
  const [pid, cgroupsPath] = [info?.pid, info?.runtimeSpec?.linux?.cgroupsPath];
  return {
    ...(typeof pid === "number" ? { pid } : {}),
    ...(typeof cgroupsPath === "string" ? { cgroupsPath } : {}),
  };
}

function parse(text = ""): Info | null {
  try {
    return JSON.parse(text) as Info | null;
  } catch {
    return null;
  }
}
