/**
 * OpenTelemetry's attribute limits (specification, common, "Attribute Limits") on all that a record carries. The SDK's
 * own ones cut surrogate pairs in two, and leave out bodies and resources, where a container's labels stand.
 */
import type { Attributes } from "@opentelemetry/api";
import type { AttributeLimits } from "#otel-config/config.ts";
import { isLabel } from "../containers/sources/labels.ts";

/** A resource has at least this room: ids and names, and the host's attributes, say what a record is about. */
const LEAST_OF_RESOURCE: AttributeLimits = { valueLength: 256, count: 32 };

export interface LimitedCounts {
  /** Texts that were cut: of records, their bodies, and of each resource once. */
  readonly cut: number;
  /** Attributes that were dropped. */
  readonly dropped: number;
}

export class AttributeLimiter {
  readonly #limits: AttributeLimits;
  #cut = 0;
  #dropped = 0;

  constructor(limits: AttributeLimits) {
    this.#limits = limits;
  }

  /** The text, or as much of its beginning as may be. */
  cutText(text: string, most: number = this.#limits.valueLength): string {
    if (text.length <= most) return text;
    this.#cut++;
    const isInsidePair = isHighSurrogate(text, most - 1) && isLowSurrogate(text, most);
    return text.slice(0, isInsidePair ? most - 1 : most);
  }

  /** The same attributes with texts as long as may be. */
  cutValues(attributes: Attributes, most: number = this.#limits.valueLength): Attributes {
    let copy: Attributes | undefined;
    for (const [name, value] of Object.entries(attributes)) {
      const short = this.#cutValue(value, most);
      if (short === value) continue;
      copy ??= { ...attributes };
      copy[name] = short;
    }
    return copy ?? attributes;
  }

  /** How many attributes a record may have that has `required` ones, which come first. */
  recordCount(required: number): number {
    return Math.max(this.#limits.count, required);
  }

  /** Attributes that the SDK left out of a record. */
  noteDropped(count: number): void {
    this.#dropped += count;
  }

  /** Both together, the subject's over the host's; what is too much goes from the end, and labels go first. */
  limitResource(host: Attributes, subject: Attributes): Attributes {
    const all: Attributes = { ...host, ...subject };
    const most = Math.max(this.#limits.count, LEAST_OF_RESOURCE.count);
    const valueLength = Math.max(this.#limits.valueLength, LEAST_OF_RESOURCE.valueLength);
    const names = Object.keys(all);
    if (names.length <= most) return this.cutValues(all, valueLength);
    const rank = (name: string): number => (isLabel(name) ? 2 : Number(!Object.hasOwn(subject, name)));
    const kept = names.toSorted((left, right) => rank(left) - rank(right)).slice(0, most);
    this.#dropped += names.length - kept.length;
    return this.cutValues(Object.fromEntries(kept.map((name) => [name, all[name]])), valueLength);
  }

  counts(): LimitedCounts {
    return { cut: this.#cut, dropped: this.#dropped };
  }

  #cutValue(value: Attributes[string], most: number): Attributes[string] {
    if (typeof value === "string") return this.cutText(value, most);
    const isTooLong = (item: unknown): boolean => typeof item === "string" && item.length > most;
    if (!Array.isArray(value) || !value.some(isTooLong)) return value;
    return value.map((item) => (typeof item === "string" ? this.cutText(item, most) : item)) as string[];
  }
}

function isHighSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xd800;
}

function isLowSurrogate(text: string, index: number): boolean {
  return (text.charCodeAt(index) & 0xfc00) === 0xdc00;
}
