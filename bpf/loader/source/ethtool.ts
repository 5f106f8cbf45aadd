/** What a network interface's driver says, by the ethtool ioctl; in the network namespace of this process. */
import { requireText } from "./argument.ts";
import { decodeKernelText, encodeKernelText } from "./btf/text.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";

export interface EthtoolDriver {
  readonly driver: string;
  readonly version: string;
  /** `""` where the driver does not say. */
  readonly firmwareVersion: string;
  /** Where it sits, as `0000:00:03.0`; `""` where it sits nowhere. */
  readonly bus: string;
}

export interface EthtoolLink {
  /** Undefined while there is no link, or where the driver does not know. */
  readonly speedMegabits: number | undefined;
  readonly duplex: "half" | "full" | undefined;
}

/** SPEED_UNKNOWN, include/uapi/linux/ethtool.h */
const SPEED_UNKNOWN = 0xffff_ffff;

/** Undefined where there is no such interface, or its driver does not answer. Throws `BPF_ETHTOOL_FAILED`. */
export function ethtoolDriver(name: string): EthtoolDriver | undefined {
  const answer = ask(name, (bytes) => native().ethtool_driver(bytes));
  if (answer === null) return undefined;
  const [driver = "", version = "", firmwareVersion = "", bus = ""] = answer.map((field) =>
    decodeKernelText(field),
  );
  // What a driver writes that has none.
  const isKnown = firmwareVersion !== "N/A";
  return { driver, version, firmwareVersion: isKnown ? firmwareVersion : "", bus };
}

/** The same for speed and duplex. */
export function ethtoolLink(name: string): EthtoolLink | undefined {
  const answer = ask(name, (bytes) => native().ethtool_link(bytes));
  if (answer === null) return undefined;
  const [megabits, duplex] = answer;
  const duplexes = ["half", "full"] as const;
  return {
    // Old drivers say 0, or 65535, which was "unknown" when the field had 16 bits.
    speedMegabits: [SPEED_UNKNOWN, 0xffff, 0].includes(megabits) ? undefined : megabits,
    duplex: duplexes[duplex],
  };
}

function ask<Answer>(name: string, call: (bytes: Uint8Array) => Answer): Answer {
  requireText("name", name, "network");
  const failure = `Interface ${name} could not be asked`;
  return attempt({ code: "BPF_ETHTOOL_FAILED", phase: "network", failure }, () =>
    call(encodeKernelText(name)),
  );
}
