/** First phase: an object that was read but not loaded. Only here can sizes, constants and programs be chosen. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { refuse, requireAlike, requireCount, requireText } from "./argument.ts";
import { BtfError } from "./btf/btf-error.ts";
import { parseBtf } from "./btf/btf.ts";
import type { Btf } from "./btf/btf.ts";
import { readObjectBtf } from "./btf/object.ts";
import { checkBtf } from "./check-btf.ts";
import { encodeConstant } from "./constant.ts";
import type { Constant } from "./constant.ts";
import { BpfError } from "./error.ts";
import { findKernelTypes } from "./kernel-types.ts";
import type { KernelTypesOptions } from "./kernel-types.ts";
import { Lifetime } from "./lifetime.ts";
import { LoadedObject } from "./loaded-object.ts";
import { BpfMap } from "./map.ts";
import { attempt } from "./native-error.ts";
import type { Attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { NativeMap, NativeObject, ObjectHandle } from "./native.ts";

export interface OpenOptions extends KernelTypesOptions {
  /** For messages and for names in the kernel; otherwise from the path. */
  readonly name?: string;
  /** Values of `const volatile` globals, by name. */
  readonly constants?: Readonly<Record<string, Constant>>;
  /** Maps of other loaded objects that take the place of the object's own, by the own one's name: see `shareMap`. */
  readonly maps?: Readonly<Record<string, BpfMap>>;
  /** Programs to load; without it, those that the object itself marks (all but `SEC("?…")`). */
  readonly programs?: readonly string[];
}

export interface ProgramDescription {
  readonly name: string;
  /** As `tp_btf/kfree_skb`. */
  readonly section: string;
  /** As libbpf names it: `tracing`, `raw_tracepoint`, … */
  readonly type: string;
}

const failed = { code: "BPF_OBJECT_INVALID", phase: "open" } as const;

/**
 * Reads a compiled BPF object, from a path or from its bytes. Throws a `BpfError` of phase `open`:
 * `BPF_FILE_UNREADABLE`, `BPF_OBJECT_INVALID`, `BPF_OBJECT_WITHOUT_BTF`, and what `OpenObject`'s setters throw.
 */
export function openObject(source: string | URL | Uint8Array, options: OpenOptions = {}): OpenObject {
  const name = options.name ?? nameOf(source);
  requireText("options.name", name, "open");
  const types = findKernelTypes(options);
  const image = readImage(source);
  checkImage(image, name);
  const handle = attempt({ ...failed, failure: `Object ${name} could not be opened` }, () =>
    native().object_open(image, name, types.path, types.bytes),
  );
  let object: OpenObject | undefined;
  try {
    object = new OpenObject(handle, name);
    for (const [constant, value] of Object.entries(options.constants ?? {}))
      object.setConstant(constant, value);
    for (const [map, shared] of Object.entries(options.maps ?? {})) object.shareMap(map, shared);
    if (options.programs !== undefined) selectPrograms(object, options.programs);
    return object;
  } catch (error) {
    native().object_close(handle);
    throw error;
  }
}

export class OpenObject implements Disposable {
  readonly name: string;
  readonly programs: readonly ProgramDescription[];
  /** Names of the maps that it declares. */
  readonly maps: readonly string[];
  /** Types of the object, with the variables of its data sections in place. */
  readonly btf: Btf;
  readonly #handle: ObjectHandle;
  readonly #description: NativeObject;
  readonly #lifetime: Lifetime;
  /** By its own declarations, which type the maps of others too. */
  readonly #shared: NativeMap[] = [];

  /** Use `openObject`. */
  constructor(handle: ObjectHandle, name: string) {
    this.#handle = handle;
    this.#lifetime = new Lifetime(`Object ${name}`);
    this.#description = native().object_describe(handle);
    this.name = name;
    this.programs = this.#description.programs;
    this.maps = this.#description.maps.filter(({ isInternal }) => !isInternal).map((map) => map.name);
    if (this.#description.btf === null) throw withoutBtf(name);
    this.btf = parseBtf(this.#description.btf);
  }

  /**
   * Sets a `const volatile` global. Throws `BPF_NOT_FOUND`, or `BPF_ARGUMENT_INVALID` where the value does not fit
   * the variable's type.
   */
  setConstant(name: string, value: Constant): void {
    this.#lifetime.check("open");
    requireText("name", name, "open");
    const { section, offset, bytes } = encodeConstant(this.btf, name, value);
    this.#attempt(`Constant ${name} of object ${this.name} could not be set`, () =>
      native().object_set_initial(this.#handle, section, offset, bytes),
    );
  }

  /** Whether `load` loads this program. */
  setAutoload(program: string, isLoaded: boolean): void {
    this.#lifetime.check("open");
    requireText("program", program, "open");
    if (typeof isLoaded !== "boolean") throw refuse("isLoaded", "true or false", isLoaded, "open");
    if (!this.programs.some(({ name }) => name === program))
      throw notFound(this.name, "program", program, this.programs);
    this.#attempt(`Program ${program} could not be turned on or off`, () =>
      native().object_set_autoload(this.#handle, program, isLoaded),
    );
  }

  /** Capacity of a map; of a ring buffer its size in bytes, which libbpf rounds up to a power of two of pages. */
  setMaxEntries(map: string, entries: number): void {
    this.#lifetime.check("open");
    requireText("map", map, "open");
    requireCount("entries", entries, "open");
    this.#findMap(map);
    this.#attempt(`Map ${map} could not be resized`, () =>
      native().object_set_max_entries(this.#handle, map, entries),
    );
  }

  /**
   * Takes a map of another loaded object in the place of an own one, which is never created: both objects then read and
   * write the same entries, and it lives until the last of them is closed. Throws `BPF_NOT_FOUND`,
   * `BPF_CLOSED`, or `BPF_ARGUMENT_INVALID` where the two differ in name, type, or the size of keys or values.
   */
  shareMap(map: string, shared: BpfMap): void {
    this.#lifetime.check("open");
    requireText("map", map, "open");
    if (!(shared instanceof BpfMap)) throw refuse("shared", "a map of a loaded object", shared, "open");
    const own = this.#findMap(map);
    const { object, ...theirs } = BpfMap.locate(shared);
    requireAlike(own, theirs);
    this.#attempt(`Map ${map} could not be shared`, () => {
      native().object_share_map(this.#handle, map, object, theirs.name);
    });
    this.#shared.push(own);
  }

  /**
   * Creates the maps and loads the programs. The object then belongs to what is returned, and this one is closed; so
   * it is where loading fails, with a `BpfError` of phase `load` or a `VerifierError`.
   */
  load(): LoadedObject {
    this.#lifetime.check("load");
    const failure = `Object ${this.name} could not be loaded`;
    try {
      attempt({ code: "BPF_LOAD_FAILED", phase: "load", failure }, () => native().object_load(this.#handle));
    } catch (error) {
      this.close();
      throw error;
    }
    this.#lifetime.end();
    return new LoadedObject({ handle: this.#handle, name: this.name, btf: this.btf, shared: this.#shared });
  }

  close(): void {
    if (this.#lifetime.end()) native().object_close(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #findMap(map: string): NativeMap {
    const { maps } = this.#description;
    const found = maps.find(({ name }) => name === map);
    if (found === undefined) throw notFound(this.name, "map", map, maps);
    return found;
  }

  #attempt(failure: string, call: () => void): void {
    const what: Attempt = { ...failed, failure };
    attempt(what, call);
  }
}

function selectPrograms(object: OpenObject, wanted: readonly string[]): void {
  if (!Array.isArray(wanted)) throw refuse("options.programs", "an array of names", wanted, "open");
  for (const { name } of object.programs) object.setAutoload(name, false);
  for (const name of wanted) object.setAutoload(name, true);
}

function nameOf(source: string | URL | Uint8Array): string {
  if (source instanceof Uint8Array) return "object";
  return basename(String(source)).replace(/(\.bpf)?\.o$/, "");
}

function readImage(source: unknown): Uint8Array {
  if (source instanceof Uint8Array) return source;
  if (typeof source !== "string" && !(source instanceof URL))
    throw refuse("source", "a path, a file URL or a Uint8Array", source, "open");
  try {
    return readFileSync(source instanceof URL ? fileURLToPath(source) : source);
  } catch (cause) {
    const errno = cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
    const message = `The BPF object ${String(source)} cannot be read: ${errno ?? String(cause)}.`;
    throw new BpfError("BPF_FILE_UNREADABLE", message, { phase: "open", errno, cause });
  }
}

/** Before libbpf, whose own words for a file that was cut short do not say so. */
function checkImage(image: Uint8Array, name: string): void {
  try {
    checkBtf(readObjectBtf(image));
  } catch (cause) {
    if (!(cause instanceof BtfError)) throw cause;
    if (cause.code === "BTF_UNAVAILABLE") throw withoutBtf(name);
    const message = `Object ${name} could not be opened: ${cause.message}`;
    throw new BpfError("BPF_OBJECT_INVALID", message, { phase: "open", cause });
  }
}

function withoutBtf(name: string): BpfError {
  const message = `Object ${name} has no BTF: compile it with clang -g.`;
  return new BpfError("BPF_OBJECT_WITHOUT_BTF", message, { phase: "open" });
}

function notFound(
  object: string,
  kind: "program" | "map",
  name: string,
  known: readonly { readonly name: string }[],
): BpfError {
  const names = known.map((entry) => entry.name).join(", ");
  const message = `Object ${object} has no ${kind} ${name}; it has ${names === "" ? "none" : names}.`;
  return new BpfError("BPF_NOT_FOUND", message, { phase: "open" });
}
