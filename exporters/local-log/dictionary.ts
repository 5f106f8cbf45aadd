/** Resources and scopes of one segment: stored once as documents, referred to by short ids. */
import type { Resource } from "@opentelemetry/resources";
import { type Interner, keyOf, type ResourceContent } from "./intern.ts";
import type { Document } from "./pouch-database.ts";
import type { Scope } from "./record-document.ts";

/** Small letters sort after every uid, so these documents lie apart from the records. */
const RESOURCE_PREFIX = "resource/";
const SCOPE_PREFIX = "scope/";

export const DICTIONARY_RANGE: { readonly from: string; readonly to: string } = {
  from: RESOURCE_PREFIX,
  to: `${SCOPE_PREFIX}\uffff`,
};

interface EntryDocument extends Document {
  readonly content: ResourceContent | Scope;
}

export class Dictionary {
  readonly resources: Map<string, Resource> = new Map();
  readonly scopes: Map<string, Scope> = new Map();
  readonly #interner: Interner;
  /** The greatest number of an entry, damaged ones included: theirs must not be given to others. */
  readonly #last = { [RESOURCE_PREFIX]: 0, [SCOPE_PREFIX]: 0 };
  readonly #idsByKey = new Map<string, string>();
  readonly #idsByObject = new WeakMap<object, string>();

  constructor(documents: readonly Document[], interner: Interner) {
    this.#interner = interner;
    for (const document of documents) this.#add(document as EntryDocument);
  }

  /** The id of a resource; a new one is added to `additions`, to be written together with its first record. */
  resourceId(resource: Resource, additions: Document[]): string {
    const known = this.#idsByObject.get(resource);
    if (known !== undefined) return known;
    const { attributes, schemaUrl } = resource;
    return this.#findOrAdd(resource, schemaUrl ? { attributes, schemaUrl } : { attributes }, additions);
  }

  scopeId(scope: Scope, additions: Document[]): string {
    return this.#idsByObject.get(scope) ?? this.#findOrAdd(scope, scope, additions);
  }

  #findOrAdd(object: object, content: ResourceContent | Scope, additions: Document[]): string {
    const isScope = object === content;
    const prefix = isScope ? SCOPE_PREFIX : RESOURCE_PREFIX;
    const key = prefix + keyOf(content);
    let id = this.#idsByKey.get(key);
    if (id === undefined) {
      const number = this.#last[prefix] + 1;
      const document: EntryDocument = { _id: `${prefix}${number}`, content };
      this.#add(document);
      additions.push(document);
      id = document._id.slice(prefix.length);
    }
    this.#idsByObject.set(object, id);
    return id;
  }

  #add(document: EntryDocument): void {
    const isScope = document._id.startsWith(SCOPE_PREFIX);
    const prefix = isScope ? SCOPE_PREFIX : RESOURCE_PREFIX;
    const id = document._id.slice(prefix.length);
    this.#last[prefix] = Math.max(this.#last[prefix], Number(id) || 0);
    // A damaged document has no content; records that refer to it are counted as unreadable.
    if (document.content === undefined) return;
    this.#idsByKey.set(prefix + keyOf(document.content), id);
    if (isScope) this.scopes.set(id, this.#interner.scope(document.content as Scope));
    else this.resources.set(id, this.#interner.resource(document.content as ResourceContent));
  }
}
