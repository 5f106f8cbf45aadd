/** Tools that configure and query the network by netlink, with commands of each that succeed, fail and list. */
import { spawnSync } from "node:child_process";
import { loadWhereModular } from "#test/provoke/loaded-module.ts";
import { findProgram } from "#test/provoke/programs.ts";

/** By tool; the words of a command are separated by spaces. */
const tools: Readonly<Record<string, readonly string[]>> = {
  ip: [
    "ip link set lo up",
    "ip link add dummy0 type dummy",
    "ip link set dummy0 up",
    "ip address add 192.0.2.1/24 dev dummy0",
    "ip route add 198.51.100.0/24 via 192.0.2.2",
    "ip neighbour add 192.0.2.9 lladdr 02:00:00:00:00:01 dev dummy0",
    "ip rule add from 192.0.2.1 table 7",
    "ip -details link show",
    "ip route show table all",
    "ip link show absent",
    "ip link add dummy0 type dummy",
    "ip xfrm state",
    "ip link delete dummy0",
  ],
  nft: [
    "nft add table inet filter",
    "nft add chain inet filter input { type filter hook input priority 0 ; }",
    "nft add set inet filter blocked { type ipv4_addr ; }",
    "nft add element inet filter blocked { 192.0.2.1, 192.0.2.2 }",
    "nft add rule inet filter input ip saddr @blocked drop",
    "nft add rule inet filter absent drop",
    "nft list ruleset",
    "nft flush ruleset",
  ],
  iptables: [
    "iptables -A INPUT -s 192.0.2.1 -j DROP",
    "iptables -L",
    "iptables -D INPUT -s 192.0.2.99 -j DROP",
    "iptables -F",
  ],
  conntrack: ["conntrack -L", "conntrack -F", "conntrack -D -s 192.0.2.1"],
  tc: [
    "tc qdisc add dev lo root handle 1: prio",
    "tc filter add dev lo parent 1: protocol ip u32 match ip dport 9 0xffff flowid 1:1",
    "tc -statistics qdisc show dev lo",
    "tc filter show dev lo",
    "tc qdisc add dev lo root handle 1: prio",
    "tc qdisc del dev lo root",
  ],
  bridge: ["bridge link show", "bridge fdb show", "bridge vlan show", "bridge mdb show"],
  ss: ["ss -tuanpi", "ss -xa", "ss -s"],
  ethtool: ["ethtool lo", "ethtool -i lo", "ethtool -k lo", "ethtool -K lo tx off", "ethtool absent"],
  devlink: ["devlink dev show", "devlink port show", "devlink trap show"],
};

export const controlPlaneTools: readonly string[] = Object.keys(tools);

/**
 * Runs the commands of one tool in a network namespace of their own, of which some fail on purpose. Returns how many
 * succeeded; undefined where the machine does not have the tool.
 */
export function runTool(tool: string): number | undefined {
  loadWhereModular("dummy", "sch_prio", "cls_u32", "nf_tables", "nft_compat", "nf_conntrack_netlink");
  const path = findTool(tool);
  if (path === undefined) return undefined;
  // The shell of a guest is busybox, which would take its own `ip`.
  const lines = (tools[tool] ?? []).map(
    (command) => `${path} ${quote(command.slice(tool.length + 1))} && echo done`,
  );
  const { stdout } = spawnSync("unshare", ["--net", "sh", "-c", `${lines.join("; ")}; true`], {
    encoding: "utf8",
  });
  return stdout.split("\n").filter((line) => line === "done").length;
}

function quote(words: string): string {
  return words.replaceAll(/[{};@]/g, String.raw`\$&`);
}

function findTool(name: string): string | undefined {
  try {
    return findProgram(name);
  } catch {
    return undefined;
  }
}
