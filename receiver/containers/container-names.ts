/** How container runtimes name the cgroup of a container. */
import { decodeKernelText } from "bpf-loader-napi";

interface NamedContainer {
  readonly id: string;
  /** As `container.runtime.name`; absent where the name is the id alone. */
  readonly runtime?: string;
}

/** Prefix of a systemd scope, or of a plain directory, and whose it is. */
const runtimes: Readonly<Record<string, string>> = {
  docker: "docker",
  "cri-containerd": "containerd",
  containerd: "containerd",
  nerdctl: "containerd",
  crio: "cri-o",
  libpod: "podman",
  // Of a unit that podman was started in (--cgroups=split, as Quadlet does); podman itself is in `runtime` beside it.
  "libpod-payload": "podman",
};

const PREFIXED = new RegExp(`^(${Object.keys(runtimes).join("|")})-([0-9a-f]{64})(?:\\.scope)?$`);
/** What becomes of systemd's "slice:prefix:name" where the runtime has no systemd to hand it to. */
const COLONS = new RegExp(`^[^:]*\\.slice:(${Object.keys(runtimes).join("|")}):([0-9a-f]{64})$`);
const BARE = /^[0-9a-f]{64}$/;
/** A step of a build: below `buildkit`, or what becomes of docker's "slice:docker:name" without systemd. */
const BUILD = /^[0-9a-z]{25}$/;
const DOCKER_BUILD = /^[^:]*\.slice:docker:([0-9a-z]{25})$/;
const NSPAWN = /^systemd-nspawn@(.+)\.service$/;
/** Machines registered with machined; virtual machines and libvirt's containers have a prefix of their own. */
const MACHINE = /^machine-(?!qemu\\x2d|lxc\\x2d)(.+)\.scope$/;
const LXC = /^lxc\.payload\.(.+)$/;

/** Directories below which a name is a container of that runtime. */
const bareParents: Readonly<Record<string, string>> = { docker: "docker", libpod_parent: "podman" };
const lxcParents: ReadonlySet<string> = new Set(["lxc", "lxc.payload"]);

/**
 * The container whose cgroup has this name; `parent` and `child` are the names above and below it, `""` at an end
 * of the path. A container's monitor (conmon, lxc.monitor, nspawn's supervisor) is not in the container.
 */
export function readContainerName(name: string, parent: string, child: string): NamedContainer | undefined {
  return (
    readPrefixed(name) ??
    readBare(name, parent) ??
    readBuild(name, parent) ??
    readMachine(name, parent, child) ??
    readLxc(name, parent)
  );
}

function readPrefixed(name: string): NamedContainer | undefined {
  const [, prefix = "", id] = PREFIXED.exec(name) ?? COLONS.exec(name) ?? [];
  const runtime = runtimes[prefix];
  return id === undefined || runtime === undefined ? undefined : { id, runtime };
}

function readBare(name: string, parent: string): NamedContainer | undefined {
  if (!BARE.test(name)) return undefined;
  const runtime = bareParents[parent];
  return runtime === undefined ? { id: name } : { id: name, runtime };
}

function readBuild(name: string, parent: string): NamedContainer | undefined {
  const id = parent === "buildkit" && BUILD.test(name) ? name : DOCKER_BUILD.exec(name)?.[1];
  return id === undefined ? undefined : { id, runtime: "buildkit" };
}

function readMachine(name: string, parent: string, child: string): NamedContainer | undefined {
  const machine =
    NSPAWN.exec(name)?.[1] ?? (parent === "machine.slice" ? MACHINE.exec(name)?.[1] : undefined);
  if (machine === undefined || child === "supervisor") return undefined;
  return { id: unescapeUnit(machine), runtime: "systemd-nspawn" };
}

function readLxc(name: string, parent: string): NamedContainer | undefined {
  const id = LXC.exec(name)?.[1] ?? (lxcParents.has(parent) ? name : undefined);
  return id === undefined ? undefined : { id, runtime: "lxc" };
}

/** `\x2d` and the like, systemd.unit(5), "String Escaping for Inclusion in Unit Names". */
function unescapeUnit(name: string): string {
  return name.replaceAll(/(?:\\x[0-9a-f]{2})+/g, (escapes) =>
    decodeKernelText(Buffer.from(escapes.replaceAll(String.raw`\x`, ""), "hex")),
  );
}
