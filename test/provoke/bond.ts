/** Two bonds that talk LACP to each other: one here, its partner in a network namespace of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { ipBatch } from "./link.ts";
import { loadModules } from "./loaded-module.ts";

export interface BondPair extends Disposable {
  readonly bond: string;
  readonly ports: readonly [string, string];
  /** The partner sends no LACPDUs through this port any more, and the link stays up. */
  silencePartner(port: string): void;
  /** The link of this port goes down. */
  cut(port: string): void;
  mend(port: string): void;
}

const bondOptions = "mode 802.3ad miimon 50 lacp_rate fast";

/** Throws where the kernel has no bonding, or no veth. */
export function makeBondPair(name: string): BondPair {
  loadModules("bonding", "veth");
  const namespace = `${name}-partner`;
  const ports = [`${name}a`, `${name}b`] as const;
  const inside = (command: string): void => {
    execFileSync("ip", ["-n", namespace, ...command.split(" ")], { stdio: ["ignore", "ignore", "inherit"] });
  };
  const dispose = (): void => {
    for (const link of [name, ...ports]) spawnSync("ip", ["link", "delete", link]);
    spawnSync("ip", ["netns", "delete", namespace]);
  };
  try {
    // Where `ip netns` keeps them; a guest has no /var.
    mkdirSync("/var/run", { recursive: true });
    ipBatch([
      `netns add ${namespace}`,
      `link add ${name} type bond ${bondOptions}`,
      ...ports.flatMap((port) => [
        `link add ${port} type veth peer name ${port}p netns ${namespace}`,
        `link set ${port} master ${name}`,
      ]),
      `link set ${name} up`,
    ]);
    inside(`link add partner type bond ${bondOptions}`);
    for (const port of ports) inside(`link set ${port}p master partner`);
    inside("link set partner up");
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    bond: name,
    ports,
    silencePartner: (port) => {
      inside(`link set ${port}p nomaster`);
      inside(`link set ${port}p up`);
    },
    cut: (port) => {
      inside(`link set ${port}p down`);
    },
    mend: (port) => {
      inside(`link set ${port}p up`);
    },
    [Symbol.dispose]: dispose,
  };
}
