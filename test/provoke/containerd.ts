/** A containerd of our own: root, state and socket in a temporary directory. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { waitUntil } from "../live/wait-until.ts";
import { IMAGE_NAME, IMAGE_TAG, buildBusyboxImage } from "./busybox-image.ts";
import { ContainedDaemon } from "./contained-daemon.ts";
import { findProgram, programPath } from "./programs.ts";
import { removeCgroups } from "./remove-cgroups.ts";

const run = promisify(execFile);
const image = `${IMAGE_NAME}:${IMAGE_TAG}`;
/** Also the first directory of its containers' cgroups. */
const NAMESPACE = `kerntel-test-${process.pid}`;
/** CRI's. */
const CRI_NAMESPACE = "k8s.io";

export interface ContainerOptions {
  readonly id: string;
  readonly command: readonly string[];
  readonly memoryLimitBytes?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly capabilities?: readonly string[];
}

export class TestContainerd implements AsyncDisposable {
  readonly socket: string;
  readonly #folder: string;
  readonly #daemon: ContainedDaemon;

  /** Resolves when it answers and has the image. */
  static async start(): Promise<TestContainerd> {
    const started = new TestContainerd();
    try {
      await waitUntil("containerd to answer", async () => {
        started.#daemon.check();
        return existsSync(started.socket) && (await started.#ctr("version").then(isTrue, isNothing));
      });
      const archive = buildBusyboxImage(started.#folder);
      for (const namespace of [NAMESPACE, CRI_NAMESPACE])
        await started.#ctr("-n", namespace, "images", "import", archive);
      return started;
    } catch (error) {
      await started[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor() {
    // First, so that nothing stays behind where there is none.
    findProgram("containerd");
    this.#folder = mkdtempSync(join(tmpdir(), "kerntel-containerd-"));
    this.socket = join(this.#folder, "containerd.sock");
    const config = join(this.#folder, "config.toml");
    writeFileSync(config, configText(this.#folder));
    writeNetworkPlugins(this.#folder);
    this.#daemon = new ContainedDaemon("containerd", ["--config", config], { folder: this.#folder });
  }

  /** Resolves when the container's process is there. Without `memoryLimitBytes` there is no limit. */
  async start(options: ContainerOptions): Promise<void> {
    await this.#ctr(...runArguments(options), "--detach", image, options.id, ...options.command);
  }

  /** Runs a container to its end and removes it; resolves with its exit code. */
  async run(options: ContainerOptions): Promise<number> {
    return this.#ctr(...runArguments(options), "--rm", image, options.id, ...options.command).then(
      () => 0,
      (error: unknown) => Number((error as { code?: unknown }).code),
    );
  }

  /** Of the container, in this process's namespace. */
  cgroupPath(id: string): string {
    return `/${NAMESPACE}/${id}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#daemon[Symbol.asyncDispose]();
    rmSync(this.#folder, { recursive: true, force: true });
    for (const name of [NAMESPACE, CRI_NAMESPACE]) await removeCgroups(name);
  }

  async #ctr(...parameters: readonly string[]): Promise<void> {
    await run(findProgram("ctr"), ["--address", this.socket, ...parameters], {
      env: { ...process.env, PATH: programPath },
    });
  }
}

function runArguments({ memoryLimitBytes, labels = {}, capabilities = [] }: ContainerOptions): string[] {
  const limit = memoryLimitBytes === undefined ? [] : ["--memory-limit", String(memoryLimitBytes)];
  const marked = Object.entries(labels).flatMap(([key, value]) => ["--label", `${key}=${value}`]);
  const allowed = capabilities.flatMap((capability) => ["--cap-add", capability]);
  return ["-n", NAMESPACE, "run", "--null-io", "--snapshotter", "native", ...limit, ...marked, ...allowed];
}

function configText(folder: string): string {
  return `version = 2
root = "${folder}/root"
state = "${folder}/state"
[grpc]
  address = "${folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${image}"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${folder}/plugins"
    conf_dir = "${folder}/networks"
`;
}

/** Pods get a namespace with nothing but loopback: the plugins of container networking are two scripts. */
function writeNetworkPlugins(folder: string): void {
  const result = '{"cniVersion":"0.3.1","ips":[{"version":"4","address":"192.0.2.1/32"}]}';
  const script = `#!/bin/sh
[ "$CNI_COMMAND" = VERSION ] && { echo '{"cniVersion":"0.3.1","supportedVersions":["0.3.1"]}'; exit; }
[ "$CNI_COMMAND" = ADD ] && { nsenter --net="$CNI_NETNS" ip link set lo up; echo '${result}'; }
exit 0
`;
  for (const name of ["plugins", "networks"]) mkdirSync(join(folder, name));
  for (const name of ["loopback", "kerntel-test"])
    writeFileSync(join(folder, "plugins", name), script, { mode: 0o755 });
  const network = { cniVersion: "0.3.1", name: "test", plugins: [{ type: "kerntel-test" }] };
  writeFileSync(join(folder, "networks/10-test.conflist"), JSON.stringify(network));
}

const isTrue = (): true => true;
const isNothing = (): undefined => undefined;
