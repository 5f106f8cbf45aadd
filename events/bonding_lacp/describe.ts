/** One change of a port in the words of OpenTelemetry and of people. */
import type { TracerRecord } from "#receiver/tracing/contract.ts";
import type { PortDetails } from "./bond-file.ts";
import { nameState } from "./port-state.ts";
import type { Change, ChangeKind, Port } from "./port-table.ts";
import type { KerntelBondingLacpAttributes } from "./telemetry.generated.ts";

const SEVERITY_INFO = 9;
const SEVERITY_WARN = 13;

type Parts = Partial<KerntelBondingLacpAttributes>;

export interface Surroundings {
  /** Nanoseconds since boot. */
  readonly time: number;
  readonly source: KerntelBondingLacpAttributes["kerntel.bonding_lacp.source"];
  readonly details: PortDetails | undefined;
  readonly aggregatorPorts: number | undefined;
}

export function describeChange(
  change: Change,
  { time, source, details, aggregatorPorts }: Surroundings,
): TracerRecord<KerntelBondingLacpAttributes> {
  const { kind, now } = change;
  return {
    time,
    subject: { kind: "host" },
    severity: change.isBad ? SEVERITY_WARN : SEVERITY_INFO,
    attributes: {
      "kerntel.bonding_lacp.change": kind,
      "kerntel.bonding_lacp.source": source,
      "network.interface.name": now.name,
      "kerntel.bonding_lacp.bond": now.bondName,
      "kerntel.network.interface.index": now.index,
      "hw.type": "network",
      "kerntel.bonding_lacp.actor.state": nameState(now.actorState),
      "kerntel.bonding_lacp.partner.state": nameState(now.partnerState),
      "kerntel.bonding_lacp.aggregator.id": now.aggregatorId,
      "kerntel.bonding_lacp.link_failures": now.linkFailures,
      ...(aggregatorPorts === undefined ? {} : { "kerntel.bonding_lacp.aggregator.ports": aggregatorPorts }),
      ...describePrevious(change),
      ...(details === undefined ? {} : describeDetails(details)),
    },
    body: `Port ${now.name} of ${now.bondName} ${sentences[kind](now)}`,
  };
}

function describePrevious({ now, before }: Change): Parts {
  if (before === undefined) return {};
  return {
    ...(before.actorState === now.actorState
      ? {}
      : { "kerntel.bonding_lacp.actor.previous_state": nameState(before.actorState) }),
    ...(before.partnerState === now.partnerState
      ? {}
      : { "kerntel.bonding_lacp.partner.previous_state": nameState(before.partnerState) }),
    ...(before.aggregatorId === now.aggregatorId
      ? {}
      : { "kerntel.bonding_lacp.aggregator.previous_id": before.aggregatorId }),
  };
}

function describeDetails({
  partnerAddress,
  partnerKey,
  partnerPort,
  actorChurn,
  partnerChurn,
}: PortDetails): Parts {
  return {
    ...(partnerAddress === undefined ? {} : { "kerntel.bonding_lacp.partner.address": partnerAddress }),
    ...(partnerKey === undefined ? {} : { "kerntel.bonding_lacp.partner.key": partnerKey }),
    ...(partnerPort === undefined ? {} : { "kerntel.bonding_lacp.partner.port": partnerPort }),
    ...(actorChurn === undefined ? {} : { "kerntel.bonding_lacp.churn.actor": actorChurn }),
    ...(partnerChurn === undefined ? {} : { "kerntel.bonding_lacp.churn.partner": partnerChurn }),
  };
}

const sentences: Readonly<Record<ChangeKind, (port: Port) => string>> = {
  joined: () => "joined it",
  left: () => "left it",
  in_service: ({ aggregatorId }) => `collects and distributes, in aggregator ${aggregatorId}`,
  out_of_service: () => "no longer collects and distributes",
  partner_lost: () => "hears nothing of its partner",
  partner_found: () => "hears its partner",
  aggregator: ({ aggregatorId }) => `moved to aggregator ${aggregatorId}`,
  state: ({ actorState, partnerState }) =>
    `is ${nameState(actorState).join(", ") || "nothing"}; its partner ${nameState(partnerState).join(", ") || "nothing"}`,
};
