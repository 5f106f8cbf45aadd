/** A loaded map, its keys and values typed by the object's BTF. Valid as long as its object. */
import { refuse } from "./argument.ts";
import type { Btf } from "./btf/btf.ts";
import type { BtfValue } from "./btf/decoder.ts";
import type { BtfInput } from "./btf/encoder.ts";
import { BpfError } from "./error.ts";
import { errnoName } from "./errno.ts";
import type { Lifetime } from "./lifetime.ts";
import { keyCodec, valueCodec } from "./map-codec.ts";
import type { MapCodec } from "./map-codec.ts";
import { readRawEntries } from "./map-entries.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { LoadedMap } from "./native.ts";

/** Bytes where the map declares no type, or one that has no JavaScript value; an array by CPU for per-CPU maps. */
export type MapValue = BtfValue | Uint8Array | readonly Uint8Array[];
export type MapInput = BtfInput | BtfValue | readonly Uint8Array[];

export interface UpdateOptions {
  /** `create` fails with EEXIST where the key is there, `replace` with ENOENT where it is not. */
  readonly mode?: "any" | "create" | "replace";
}

const updateFlags = { any: 0, create: 1, replace: 2 } as const;

/** All operations throw a `BpfError` with `BPF_MAP_FAILED`, or `BPF_ARGUMENT_INVALID` for what does not fit. */
export class BpfMap {
  readonly name: string;
  /** As libbpf names it: `hash`, `percpu_array`, … */
  readonly type: string;
  /** Most entries; of a ring buffer its size in bytes. */
  readonly capacity: number;
  readonly keySizeBytes: number;
  /** Of one value; a per-CPU map holds one per possible CPU. */
  readonly valueSizeBytes: number;
  readonly #map: LoadedMap;
  readonly #lifetime: Lifetime;
  readonly #key: MapCodec;
  readonly #value: MapCodec;

  /** Use `LoadedObject.map`. */
  constructor(map: LoadedMap, btf: Btf, lifetime: Lifetime) {
    this.name = map.name;
    this.type = map.type;
    this.capacity = map.capacity;
    this.keySizeBytes = map.keySizeBytes;
    this.valueSizeBytes = map.valueSizeBytes;
    this.#map = map;
    this.#lifetime = lifetime;
    this.#key = keyCodec(map, btf);
    this.#value = valueCodec(map, btf);
  }

  /** Where the map is, for an object that shares it. Throws `BPF_CLOSED`. */
  static locate(map: BpfMap): LoadedMap {
    map.#lifetime.check("open");
    return map.#map;
  }

  /** Undefined where there is no such entry. */
  lookup(key: MapInput): MapValue | undefined {
    this.#lifetime.check("map");
    const value = new Uint8Array(this.#value.sizeBytes);
    const bytes = this.#encode(this.#key, key, "key");
    const isThere = this.#attempt("read", () =>
      native().map_lookup(this.#map.object, this.name, bytes, value),
    );
    return isThere ? this.#value.decode(value, 0) : undefined;
  }

  update(key: MapInput, value: MapInput, { mode = "any" }: UpdateOptions = {}): void {
    this.#lifetime.check("map");
    const flags = updateFlags[mode] as number | undefined;
    if (flags === undefined) throw refuse("options.mode", "any, create or replace", mode, "map");
    const keyBytes = this.#encode(this.#key, key, "key");
    const valueBytes = this.#encode(this.#value, value, "value");
    this.#attempt("written", () =>
      native().map_update(this.#map.object, this.name, keyBytes, valueBytes, flags),
    );
  }

  /** Whether there was such an entry. Entries of arrays cannot be deleted. */
  delete(key: MapInput): boolean {
    this.#lifetime.check("map");
    const bytes = this.#encode(this.#key, key, "key");
    return this.#attempt("changed", () => native().map_delete(this.#map.object, this.name, bytes));
  }

  /**
   * What the map holds while it is walked: entries that come or go meanwhile may be missing, and none comes twice
   * unless it was deleted and made again. Reads many entries per call where the kernel can (Linux 5.6).
   */
  *entries(): Generator<[key: MapValue, value: MapValue]> {
    const sizes = { keyBytes: this.keySizeBytes, valueBytes: this.#value.sizeBytes };
    const walk = readRawEntries(this.#map, sizes, (errno, reason) => this.#failed("read", errno, reason));
    for (;;) {
      // Closed between two steps of somebody's loop: the descriptor may belong to another file by now.
      this.#lifetime.check("map");
      const step = walk.next();
      if (step.done === true) return;
      const { keys, keyAt, values, valueAt } = step.value;
      yield [this.#key.decode(keys, keyAt), this.#value.decode(values, valueAt)];
    }
  }

  *keys(): Generator<MapValue> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<MapValue> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[key: MapValue, value: MapValue]> {
    return this.entries();
  }

  #encode(codec: MapCodec, value: MapInput, what: "key" | "value"): Uint8Array {
    try {
      return codec.encode(value);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `Map ${this.name}: unusable ${what}: ${reason}`;
      throw new BpfError("BPF_ARGUMENT_INVALID", message, { phase: "map", cause });
    }
  }

  #attempt<Result>(verb: string, call: () => Result): Result {
    return attempt(
      { code: "BPF_MAP_FAILED", phase: "map", failure: `Map ${this.name} could not be ${verb}` },
      call,
    );
  }

  #failed(verb: string, errno: number, reason: string): BpfError {
    const name = errnoName(errno);
    const message = `Map ${this.name} could not be ${verb}: ${name}: ${reason}`;
    return new BpfError("BPF_MAP_FAILED", message, { phase: "map", errno: name });
  }
}
