/** Queries that network drivers answered with an error, by event and error number: a metric. */
import type { MetricPoint } from "./metric.ts";

interface Labels {
  readonly "kerntel.event.name": string;
  /** Name of the error number, as `EIO`. */
  readonly "error.type": string;
}

export class DriverErrors {
  readonly #counts = new Map<string, { readonly labels: Labels; value: number }>();

  add(event: string, errorName: string): void {
    const key = `${event} ${errorName}`;
    const count = this.#counts.get(key) ?? {
      labels: { "kerntel.event.name": event, "error.type": errorName },
      value: 0,
    };
    count.value += 1;
    this.#counts.set(key, count);
  }

  points(): MetricPoint<Labels>[] {
    return Array.from(this.#counts.values(), ({ labels, value }) => ({ attributes: labels, value }));
  }
}
