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
export function describeHost(configured: Attributes = {}, root = "/"): Attributes {
  const id = readMachineId(root);
  const system = parseEnv(readFirst(root, OS_RELEASE_FILES) ?? "");
  const kernel = `Linux ${release()} ${version()}`;
  return {
    "host.name": hostname(),
    ...(id !== undefined && { "host.id": id }),
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

/** os-release(5): the second counts only where the first is not there. */
const OS_RELEASE_FILES = ["etc/os-release", "usr/lib/os-release"];

/** The second is where it is kept without systemd; semantic conventions for `host.id` name both. */
const MACHINE_ID_FILES = ["etc/machine-id", "var/lib/dbus/machine-id"];

/**
 * machine-id(5): 32 hexadecimal digits, not all of them 0. An image that was never booted has an empty file there, or
 * `uninitialized`, which all machines of a fleet would share. Where there is no id, none is made up.
 */
function readMachineId(root: string): string | undefined {
  return MACHINE_ID_FILES.map((file) => readFirst(root, [file])?.trim().toLowerCase()).find(
    (id) => id !== undefined && /^(?!0{32})[0-9a-f]{32}$/.test(id),
  );
}

/** Absent where there is none: a container image often has none of these files. */
function readFirst(root: string, files: readonly string[]): string | undefined {
  for (const file of files) {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      // The next one counts.
    }
  }
  return undefined;
}
