/** A packet that is dropped in a network namespace of its own, by a process in a cgroup. */
import { spawn } from "node:child_process";
import { makeMemoryCgroup } from "./cgroup.ts";

const LIMIT_BYTES = 64 * 1024 * 1024;
/** The process enters its cgroup, then its namespace, and only then runs what the container is there for. */
const script = 'echo $$ > "$0/cgroup.procs" && exec busybox unshare -n busybox sh -c "$1"';

/** Asks for a connection to a port of loopback that nobody listens on; resolves when namespace and cgroup are gone. */
export async function dropInNamespace(cgroupPath: string, port: number): Promise<void> {
  await using cgroup = makeMemoryCgroup(cgroupPath, LIMIT_BYTES);
  await dropFromCgroup(cgroup.directory, port);
}

/** The same from a cgroup that is there, and stays. */
export async function dropFromCgroup(directory: string, port: number): Promise<void> {
  const caller = `busybox ip link set lo up && busybox nc -w 1 127.0.0.1 ${port}`;
  const child = spawn("sh", ["-c", script, directory, caller], { stdio: "ignore" });
  await new Promise((resolve) => {
    child.once("close", resolve);
  });
}
