/** A Docker Engine of our own, which containerd and runc serve. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainedDaemon } from "./contained-daemon.ts";
import { findProgram } from "./programs.ts";
import { TestEngine } from "./test-engine.ts";

export function startDocker(): Promise<TestEngine> {
  // First, so that nothing stays behind where there is none.
  findProgram("dockerd");
  const folder = mkdtempSync(join(tmpdir(), "kerntel-docker-"));
  const socket = join(folder, "docker.sock");
  const parameters = {
    "data-root": join(folder, "root"),
    "exec-root": join(folder, "exec"),
    pidfile: join(folder, "pid"),
    host: `unix://${socket}`,
    "storage-driver": "vfs",
    // The network of this machine is none of its business.
    bridge: "none",
    iptables: "false",
    ip6tables: "false",
    "ip-forward": "false",
    "ip-masq": "false",
  };
  const flags = Object.entries(parameters).map(([key, value]) => `--${key}=${value}`);
  const daemon = new ContainedDaemon("dockerd", flags, { folder });
  const cgroupParent = `kerntel-test-${process.pid}`;
  const host = { CgroupParent: `/${cgroupParent}/docker` };
  return TestEngine.start({ name: "dockerd", folder, socket, daemon, host, cgroupParent });
}
