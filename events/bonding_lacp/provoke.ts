/** Two bonds that talk LACP to each other: one here, its partner in a network namespace of its own. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { CannotProvokeError } from "#test/provoke/cannot-provoke.ts";
import { ipBatch } from "#test/provoke/link.ts";
import { loadModules } from "#test/provoke/loaded-module.ts";

export interface BondPair extends Disposable {
  readonly bond: string;
  readonly ports: readonly [string, string];
  /** The partner sends no LACPDUs through this port any more, and the link stays up. */
  silencePartner(port: string): void;
  /** The partner asks for LACPDUs each second (`fast`) or each half minute; its state says which. */
  changePartnerRate(rate: "fast" | "slow"): void;
  /** The link of this port goes down. */
  cut(port: string): void;
  mend(port: string): void;
}

const bondOptions = "mode 802.3ad miimon 50 lacp_rate fast";

/** Loads the driver, where it is a module. */
export function canBond(): boolean {
  return (
    spawnSync("modprobe", ["-n", "bonding"]).status === 0 && spawnSync("modprobe", ["bonding"]).status === 0
  );
}

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
    changePartnerRate: (rate) => {
      // Only a bond that is down takes it; the links stay up, and three seconds of silence go unnoticed.
      inside("link set partner down");
      inside(`link set partner type bond lacp_rate ${rate}`);
      inside("link set partner up");
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

/** Without the driver there is no bond either. Throws `CannotProvokeError` where it is not a module. */
export function unloadBonding(): void {
  const { status, stderr } = spawnSync("modprobe", ["-r", "bonding"], { encoding: "utf8" });
  if (status !== 0) throw new CannotProvokeError(`the bonding driver cannot be unloaded: ${stderr}`);
}
