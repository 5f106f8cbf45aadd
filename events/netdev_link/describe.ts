/** One change of an interface in the words of OpenTelemetry and of people. */
import type { EthtoolDriver, TracerRecord } from "#receiver/tracing/contract.ts";
import type { Change, ChangeKind, Interface } from "./change.ts";
import type { KerntelNetdevLinkAttributes } from "./telemetry.generated.ts";

const SEVERITY_INFO = 9;
const SEVERITY_WARN = 13;

type Parts = Partial<KerntelNetdevLinkAttributes>;

export function describeChange(
  change: Change,
  time: number,
  driver: EthtoolDriver | undefined,
): TracerRecord<KerntelNetdevLinkAttributes> {
  const { kind, now } = change;
  const { link } = now;
  return {
    time,
    subject: { kind: "host" },
    severity: change.isBad ? SEVERITY_WARN : SEVERITY_INFO,
    attributes: {
      "kerntel.netdev_link.change": kind,
      "network.interface.name": link.name,
      "kerntel.network.interface.index": link.index,
      "hw.type": "network",
      ...(link.address === "" ? {} : { "hw.network.physical_address": link.address }),
      ...describeDriver(driver),
      ...(link.kind === "" ? {} : { "kerntel.netdev_link.kind": link.kind }),
      "kerntel.netdev_link.up": link.isUp,
      "kerntel.netdev_link.carrier": link.hasCarrier,
      "kerntel.netdev_link.carrier_changes": link.carrierChanges,
      "kerntel.netdev_link.operational_state": link.operationalState,
      ...describeSpeed(now),
      ...describeMembership(change),
      ...describePrevious(change),
    },
    body: `Network interface ${link.name}: ${sentences[kind](change)}`,
  };
}

function describeDriver(driver: EthtoolDriver | undefined): Parts {
  if (driver === undefined) return {};
  return {
    "kerntel.network.interface.driver": driver.driver,
    ...(driver.version === "" ? {} : { "hw.driver_version": driver.version }),
    ...(driver.firmwareVersion === "" ? {} : { "hw.firmware_version": driver.firmwareVersion }),
    ...(driver.bus === "" ? {} : { "kerntel.netdev_link.bus": driver.bus }),
  };
}

function describeSpeed({ link, speed }: Interface): Parts {
  if (!link.isRunning || speed?.speedMegabits === undefined) return {};
  return {
    "kerntel.netdev_link.speed": speed.speedMegabits,
    ...(speed.duplex === undefined ? {} : { "kerntel.netdev_link.duplex": speed.duplex }),
  };
}

function masterOf({ kind, now, before }: Change): Interface["master"] {
  return kind === "left" ? before?.master : now.master;
}

function describeMembership(change: Change): Parts {
  const master = masterOf(change);
  const { port } = change.now;
  return {
    ...(master === undefined ? {} : { "kerntel.netdev_link.master.name": master.name }),
    ...(master === undefined || master.kind === "" ? {} : { "kerntel.netdev_link.master.kind": master.kind }),
    ...(port === undefined || change.kind === "left"
      ? {}
      : { "kerntel.netdev_link.port.active": port.isActive, "kerntel.netdev_link.port.link": port.isLinkUp }),
  };
}

function describePrevious({ kind, before, transitions }: Change): Parts {
  if (kind === "renamed") return { "kerntel.netdev_link.previous.name": before?.link.name ?? "" };
  if (kind === "flap") return { "kerntel.netdev_link.flap.transitions": transitions ?? 0 };
  if (kind !== "speed" || before?.speed?.speedMegabits === undefined) return {};
  return {
    "kerntel.netdev_link.previous.speed": before.speed.speedMegabits,
    ...(before.speed.duplex === undefined
      ? {}
      : { "kerntel.netdev_link.previous.duplex": before.speed.duplex }),
  };
}

const sentences: Readonly<Record<ChangeKind, (change: Change) => string>> = {
  added: ({ now }) => `added, ${now.link.isUp ? "up" : "down"}`,
  removed: () => "removed",
  admin_up: ({ now }) => (now.link.isRunning ? "set up, with carrier" : "set up, no carrier yet"),
  admin_down: () => "set down",
  carrier_up: ({ now }) => ["carrier is there", speedWords(now)].filter(Boolean).join(", "),
  carrier_down: () => "carrier lost",
  flap: ({ transitions = 0, now }) =>
    `carrier changed ${transitions} times unseen, and is ${now.link.hasCarrier ? "there" : "gone"}`,
  operational_state: ({ before, now }) =>
    `${before?.link.operationalState ?? "unknown"} → ${now.link.operationalState}`,
  speed: ({ before, now }) => `${before === undefined ? "" : speedWords(before)} → ${speedWords(now)}`,
  renamed: ({ before }) => `was ${before?.link.name ?? "unknown"} before`,
  joined: (change) => `joined ${masterWords(change)}`,
  left: (change) => `left ${masterWords(change)}`,
  port_state: (change) => {
    const { port } = change.now;
    const use = port?.isActive === true ? "uses it" : "does not use it";
    return `${masterWords(change)} ${use}, its link is ${port?.isLinkUp === true ? "up" : "down"}`;
  },
};

function masterWords(change: Change): string {
  const master = masterOf(change);
  return master === undefined ? "its master" : `${master.kind} ${master.name}`.trim();
}

function speedWords({ speed }: Interface): string {
  if (speed?.speedMegabits === undefined) return "";
  return `${speed.speedMegabits} Mbit/s${speed.duplex === undefined ? "" : ` ${speed.duplex} duplex`}`;
}
