/** Datagrams of a route netlink socket, with what bonds say of themselves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { readAttributes, readBond, readBondPort, readLink, readMessages } from "bpf-loader-napi";
import type { FuzzedReader } from "../fuzzed-reader.ts";

/**
 * One datagram a line, base64: RTM_NEWLINK of a loopback device, a pair of veth and a bridge as Linux 6.18 sent them, and of a
 * bond and its port built after include/uapi/linux/if_link.h.
 */
const recorded = new URL("../seeds/netlink.txt", import.meta.url);

export const netlink: FuzzedReader = {
  name: "netlink",
  seeds: () =>
    readFileSync(recorded, "utf8")
      .trim()
      .split("\n")
      .map((line) => Buffer.from(line, "base64")),
  read(datagram) {
    let totalBytes = 0;
    for (const { payload } of readMessages(datagram)) {
      totalBytes += payload.length;
      for (const value of readAttributes(payload).values()) assert.ok(value.length <= payload.length);
      const link = readLink(payload);
      if (link === undefined) continue;
      assert.ok(!link.name.includes("\0"));
      readBond(link);
      readBondPort(link);
    }
    assert.ok(totalBytes <= datagram.length, "messages must not overlap");
    return false;
  },
};
