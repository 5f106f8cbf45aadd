/** What `/proc/net/bonding/<bond>` tells and netlink does not: the partner of each port, and churn. */

export interface PortDetails {
  readonly partnerAddress: string | undefined;
  readonly partnerKey: number | undefined;
  readonly partnerPort: number | undefined;
  /** `none`, `monitoring` or `churned`. */
  readonly actorChurn: string | undefined;
  readonly partnerChurn: string | undefined;
}

export const NO_PARTNER = "00:00:00:00:00:00";

/** By the name of the port. What the text does not have, in another order or cut, is undefined. */
export function readBondFile(text: string): ReadonlyMap<string, PortDetails> {
  // drivers/net/bonding/bond_procfs.c: one paragraph for the bond, then one for each port.
  const [, ...ports] = text.split(/^Slave Interface: /m);
  return new Map(
    ports.map((port): [string, PortDetails] => {
      const [, partner = ""] = port.split(/^details partner lacp pdu:$/m);
      const address = field(partner, "system mac address");
      return [
        port.split("\n", 1)[0]?.trim() ?? "",
        {
          partnerAddress: address === NO_PARTNER ? undefined : address,
          partnerKey: number(field(partner, "oper key")),
          partnerPort: number(field(partner, "port number")),
          actorChurn: field(port, "Actor Churn State"),
          partnerChurn: field(port, "Partner Churn State"),
        },
      ];
    }),
  );
}

function field(text: string, name: string): string | undefined {
  return new RegExp(`^ *${name}: (\\S+)`, "m").exec(text)?.[1];
}

function number(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,5}$/.test(text) ? Number(text) : undefined;
}
