/**
 * One object per distinct resource and scope. OTLP groups records by object identity, so two equal objects would
 * make two groups; and an object nobody holds any more must not stay for ever.
 */
import type { Attributes } from "@opentelemetry/api";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import type { Scope } from "./record-document.ts";

export interface ResourceContent {
  readonly attributes: Attributes;
  readonly schemaUrl?: string;
}

export interface Interner {
  resource(content: ResourceContent): Resource;
  scope(content: Scope): Scope;
}

export function createInterner(): Interner {
  const resources = new WeakValues<Resource>();
  const scopes = new WeakValues<Scope>();
  return {
    resource: (content) =>
      resources.get(keyOf(content), () =>
        resourceFromAttributes(content.attributes, content.schemaUrl ? { schemaUrl: content.schemaUrl } : {}),
      ),
    scope: (content) => scopes.get(keyOf(content), () => content),
  };
}

/** Equal for contents that differ only in the order of their keys. */
export function keyOf(content: object): string {
  return JSON.stringify(content, (_key, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}

class WeakValues<Value extends WeakKey> {
  readonly #values = new Map<string, WeakRef<Value>>();
  readonly #ended = new FinalizationRegistry<string>((key) => {
    if (this.#values.get(key)?.deref() === undefined) this.#values.delete(key);
  });

  get(key: string, create: () => Value): Value {
    const known = this.#values.get(key)?.deref();
    if (known !== undefined) return known;
    const value = create();
    this.#values.set(key, new WeakRef(value));
    this.#ended.register(value, key);
    return value;
  }
}
