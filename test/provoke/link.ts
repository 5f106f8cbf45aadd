/** Pairs of virtual interfaces, made for one test in the network namespace of the program, and what can happen to them. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadWhereModular } from "./loaded-module.ts";

export interface VethPair extends Disposable {
  readonly name: string;
  readonly peer: string;
  readonly index: number;
}

/** Runs `ip` with each line as a command, all in one process. */
export function ipBatch(lines: readonly string[]): void {
  execFileSync("ip", ["-batch", "-"], {
    input: `${lines.join("\n")}\n`,
    stdio: ["pipe", "ignore", "inherit"],
  });
}

/** Runs `ip` with names of any bytes, which JavaScript's text cannot hold: as Latin-1. Says whether it could. */
export function ipBytes(latin1: string): boolean {
  const input = Buffer.from(`${latin1}\n`, "latin1");
  return spawnSync("ip", ["-batch", "-"], { input, stdio: ["pipe", "ignore", "inherit"] }).status === 0;
}

/** Names are at most 15 bytes long. The pair is down. */
export function makeVethPair(name: string): VethPair {
  const peer = `${name}p`;
  loadWhereModular("veth");
  ipBatch([`link add ${name} type veth peer name ${peer}`]);
  return {
    name,
    peer,
    index: Number(readLinkFile(name, "ifindex")),
    [Symbol.dispose]: () => {
      // With one end goes the other; a test may have removed it already.
      spawnSync("ip", ["link", "delete", name]);
    },
  };
}

/** A file of `/sys/class/net/<name>/`. */
export function readLinkFile(name: string, file: string): string {
  return readFileSync(`/sys/class/net/${name}/${file}`, "utf8").trim();
}

/** The carrier of the pair's first end goes and comes, as fast as the kernel can do it. */
export function flapLink({ peer }: VethPair, times: number): void {
  ipBatch(Array.from({ length: times }, () => [`link set ${peer} down`, `link set ${peer} up`]).flat());
}
