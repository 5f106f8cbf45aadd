/**
 * Who we are: attributes of the host, as OTel's semantic conventions for `host.*` and `os.*` name them
 * (https://opentelemetry.io/docs/specs/semconv/resource/host/ and …/resource/os/).
 */
import { readFileSync } from "node:fs";
import { arch, hostname, release, version } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Attributes } from "@opentelemetry/api";

/** Detected once, when the program starts; `configured` (from `resource` in the file) wins. */
export function describeHost(configured: Attributes = {}, etc = "/etc"): Attributes {
  const id = readText(join(etc, "machine-id")).trim();
  const system = parseEnv(readText(join(etc, "os-release")));
  const kernel = `Linux ${release()} ${version()}`;
  return {
    "host.name": hostname(),
    ...(id && { "host.id": id }),
    "host.arch": nameArchitecture(arch()),
    "os.type": "linux",
    ...(system["NAME"] && { "os.name": system["NAME"] }),
    ...(system["VERSION_ID"] && { "os.version": system["VERSION_ID"] }),
    "os.description": system["PRETTY_NAME"] ? `${system["PRETTY_NAME"]}, ${kernel}` : kernel,
    ...configured,
  };
}

/** Node's name of an architecture as the conventions spell it. */
export function nameArchitecture(architecture: string): string {
  const names: Readonly<Record<string, string>> = { x64: "amd64", arm: "arm32", ia32: "x86" };
  return names[architecture] ?? architecture;
}

/** Empty where there is none: a container image often has neither file. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
