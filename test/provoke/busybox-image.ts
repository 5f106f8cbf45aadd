/** A container image of nothing but busybox, as an archive that `ctr images import` takes. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { findProgram } from "./programs.ts";

export const IMAGE_NAME = "kerntel.test/busybox";
export const IMAGE_TAG = "1";
const commands = ["cat", "ip", "nc", "sh", "sleep", "tail", "true"];

/** Answers the path of the archive, in `folder`. */
export function buildBusyboxImage(folder: string): string {
  const root = join(folder, "root");
  for (const name of ["bin", "dev", "etc", "proc", "sys", "tmp"])
    mkdirSync(join(root, name), { recursive: true });
  cpSync(realpathSync(findProgram("busybox")), join(root, "bin/busybox"));
  for (const name of commands) symlinkSync("busybox", join(root, "bin", name));

  const archive = join(folder, "archive");
  mkdirSync(archive);
  pack(join(archive, "layer.tar"), root);
  const layer = hash(join(archive, "layer.tar"));
  const config = {
    architecture: process.arch === "x64" ? "amd64" : process.arch,
    os: "linux",
    config: { Cmd: ["/bin/sleep", "1000000"], Env: ["PATH=/bin"] },
    rootfs: { type: "layers", diff_ids: [`sha256:${layer}`] },
  };
  writeFileSync(join(archive, "config"), JSON.stringify(config));
  const name = `${hash(join(archive, "config"))}.json`;
  renameSync(join(archive, "config"), join(archive, name));
  const manifest = [{ Config: name, RepoTags: [`${IMAGE_NAME}:${IMAGE_TAG}`], Layers: ["layer.tar"] }];
  writeFileSync(join(archive, "manifest.json"), JSON.stringify(manifest));
  pack(join(folder, "image.tar"), archive);
  return join(folder, "image.tar");
}

/** Names without "./" before them, which containerd would not find in an archive. */
function pack(file: string, folder: string): void {
  execFileSync("tar", ["-C", folder, "-cf", file, ...readdirSync(folder)]);
}

function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}
