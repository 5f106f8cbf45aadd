/** What `/destinations` of the control socket says of each destination, one line of JSON each. */
import type { Delivery } from "#exporters/delivery/delivery.ts";
import type { DeliveryStatus } from "#exporters/delivery/options.ts";

export interface DestinationReport extends DeliveryStatus {
  readonly destination: string;
  /** Log records, by what became of them. */
  readonly exported: number;
  readonly rejected: number;
  readonly expired: number;
  readonly unreadable: number;
  readonly pending: number;
}

export function reportDestinations(deliveries: readonly Delivery[]): DestinationReport[] {
  return deliveries.map((delivery) => {
    const { exported, rejected, expired, unreadable, pending } = delivery.counts();
    return {
      destination: delivery.name,
      ...delivery.status(),
      exported,
      rejected: Object.values(rejected).reduce((sum, count) => sum + count, 0),
      expired,
      unreadable,
      pending,
    };
  });
}
