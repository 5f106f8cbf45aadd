/** A podman of our own, with its API as a service. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainedDaemon } from "./contained-daemon.ts";
import { findProgram } from "./programs.ts";
import { TestEngine } from "./test-engine.ts";

/** Its own defaults are more than a container may have whose starter may not raise limits. */
const LIMIT = 1_024;
const limits = ["nofile", "nproc"].map((Name) => ({ Name, Soft: LIMIT, Hard: LIMIT }));

export function startPodman(): Promise<TestEngine> {
  // First, so that nothing stays behind where there is none.
  const [runtime, conmon] = [findProgram("runc"), findProgram("conmon")];
  findProgram("podman");
  const folder = mkdtempSync(join(tmpdir(), "kerntel-podman-"));
  const socket = join(folder, "podman.sock");
  const parameters = {
    root: join(folder, "storage"),
    runroot: join(folder, "run"),
    tmpdir: join(folder, "tmp"),
    "storage-driver": "vfs",
    "cgroup-manager": "cgroupfs",
    runtime,
    conmon,
  };
  const flags = Object.entries(parameters).map(([key, value]) => `--${key}=${value}`);
  const service = ["system", "service", "--time=0", `unix://${socket}`];
  const daemon = new ContainedDaemon("podman", [...flags, ...service], {
    folder,
    environment: writeConfiguration(folder),
  });
  const cgroupParent = `kerntel-test-${process.pid}`;
  const host = { CgroupParent: `/${cgroupParent}`, Ulimits: limits };
  return TestEngine.start({ name: "podman", folder, socket, daemon, host, cgroupParent });
}

/** What is read from files only: any image is believed, and no network is set up. Answers the environment. */
function writeConfiguration(folder: string): NodeJS.ProcessEnv {
  const home = join(folder, ".config/containers");
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "policy.json"), '{ "default": [{ "type": "insecureAcceptAnything" }] }');
  const file = join(folder, "containers.conf");
  writeFileSync(file, '[network]\nnetwork_backend = "cni"\n[engine]\nevents_logger = "none"\n');
  return { HOME: folder, CONTAINERS_CONF: file };
}
