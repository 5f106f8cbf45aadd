/** Two network namespaces, a cable between them, and processes in them; gone when the test is over. */
import { execFile, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Addresses of the two ends; both reach everything else through the other one. */
const nearAddress = { ipv4: "10.98.0.1", ipv6: "fd00:98::1" } as const;
export const farAddress = { ipv4: "10.98.0.2", ipv6: "fd00:98::2" } as const;

/** What namespaces of tests are called, so that those of a test that was killed can be told: with its process id. */
const NAME = /^kerntel-(\d+)-\d+-(?:near|far)$/;
let made = 0;

export interface TestNetwork extends AsyncDisposable {
  /** Runs `ip` in one of the namespaces. */
  ip(end: "near" | "far", ...args: readonly string[]): Promise<void>;
  /** Writes a file below /proc/sys/net, for instance `ipv4/ip_forward`. */
  setting(end: "near" | "far", name: string, value: string): Promise<void>;
  /** Runs Node with a script in one of the namespaces, in a cgroup where one is given. */
  spawnNode(end: "near" | "far", script: string, options?: NodeOptions): ChildProcess;
}

export interface NodeOptions {
  readonly args?: readonly string[];
  readonly cgroupDirectory?: string;
}

export async function makeNetwork(): Promise<TestNetwork> {
  await removeLeftovers();
  // A guest's kernel finds no modprobe where it looks for one; elsewhere it loads or has the driver by itself.
  await run("modprobe", ["veth"]).catch(() => {});
  made += 1;
  const base = `kerntel-${process.pid}-${made}`;
  const names = { near: `${base}-near`, far: `${base}-far` };
  const children: ChildProcess[] = [];
  const inside = (end: "near" | "far", args: readonly string[]): Promise<unknown> =>
    run("ip", ["-n", names[end], ...args]);
  const network: TestNetwork = {
    ip: async (end, ...args) => {
      await inside(end, args);
    },
    setting: async (end, name, value) => {
      const write = 'echo "$1" > "/proc/sys/net/$0"';
      await run("ip", ["netns", "exec", names[end], "sh", "-c", write, name, value]);
    },
    spawnNode: (end, script, options = {}) => {
      const child = spawnInside(names[end], script, options);
      children.push(child);
      return child;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(children.map(endChild));
      for (const name of Object.values(names)) await run("ip", ["netns", "del", name]).catch(() => {});
    },
  };
  try {
    for (const name of Object.values(names)) await run("ip", ["netns", "add", name]);
    await inside("near", [
      "link",
      "add",
      "cable",
      "type",
      "veth",
      "peer",
      "name",
      "cable",
      "netns",
      names.far,
    ]);
    await configure(inside);
    return network;
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}

type Inside = (end: "near" | "far", args: readonly string[]) => Promise<unknown>;

async function configure(inside: Inside): Promise<void> {
  const ends = [
    ["near", nearAddress, farAddress],
    ["far", farAddress, nearAddress],
  ] as const;
  for (const [end, own] of ends) {
    await inside(end, ["link", "set", "lo", "up"]);
    await inside(end, ["addr", "add", `${own.ipv4}/30`, "dev", "cable"]);
    await inside(end, ["addr", "add", `${own.ipv6}/64`, "dev", "cable", "nodad"]);
    await inside(end, ["link", "set", "cable", "up"]);
  }
  for (const [end, , other] of ends) {
    await inside(end, ["route", "add", "default", "via", other.ipv4]);
    await inside(end, ["-6", "route", "add", "default", "via", other.ipv6]);
  }
}

/** Namespaces outlive a test that is killed. */
async function removeLeftovers(): Promise<void> {
  const folder = "/run/netns";
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names) {
    const pid = NAME.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    await run("ip", ["netns", "del", name]).catch(() => {});
  }
}

function spawnInside(
  namespace: string,
  script: string,
  { args = [], cgroupDirectory }: NodeOptions,
): ChildProcess {
  // Before `ip`, which mounts another /sys.
  const enter = cgroupDirectory === undefined ? "true" : 'echo $$ > "$KERNTEL_TEST_CGROUP/cgroup.procs"';
  // By its path: a shell that is busybox takes its own `ip` otherwise.
  const command = ["/bin/ip", "netns", "exec", namespace, process.execPath, "-e", script, ...args];
  return spawn("sh", ["-c", `${enter} && exec "$0" "$@"`, ...command], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, KERNTEL_TEST_CGROUP: cgroupDirectory ?? "" },
  });
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once("close", resolve);
  });
  child.kill("SIGKILL");
  await ended;
}
