/** Second phase: maps and programs are in the kernel. */
import { requireText } from "./argument.ts";
import type { Btf } from "./btf/btf.ts";
import { BpfError } from "./error.ts";
import type { BpfPhase } from "./error.ts";
import { Lifetime } from "./lifetime.ts";
import { attachProgram } from "./link.ts";
import type { AttachOptions, Link } from "./link.ts";
import { BpfMap } from "./map.ts";
import { native } from "./native.ts";
import type { LoadedMap, NativeMap, ObjectHandle } from "./native.ts";
import { Program } from "./program.ts";
import { RingReader } from "./ring-reader.ts";
import type { RingBatch, RingReaderOptions } from "./ring-reader.ts";

interface LoadedParts {
  readonly handle: ObjectHandle;
  readonly name: string;
  readonly btf: Btf;
  /** Declarations of maps that belong to another object, and whose type ids are those of its BTF. */
  readonly shared: readonly NativeMap[];
}

export class LoadedObject implements Disposable {
  readonly name: string;
  readonly btf: Btf;
  readonly #handle: ObjectHandle;
  readonly #lifetime: Lifetime;
  readonly #maps: readonly LoadedMap[];
  readonly #owned: Set<Link | RingReader> = new Set();

  /** Use `OpenObject.load`. */
  constructor({ handle, name, btf, shared }: LoadedParts) {
    this.#handle = handle;
    this.name = name;
    this.btf = btf;
    this.#lifetime = new Lifetime(`Object ${name}`);
    const declared = new Map(
      shared.map(({ name: map, keyTypeId, valueTypeId }) => [map, { keyTypeId, valueTypeId }]),
    );
    this.#maps = native()
      .object_describe(handle)
      .maps.map((map) => Object.assign(map, declared.get(map.name), { object: handle }));
  }

  /** Maps that it declares, without the sections of its variables. */
  get mapNames(): readonly string[] {
    return this.#maps.filter(({ isInternal }) => !isInternal).map(({ name }) => name);
  }

  /**
   * Attaches a program where its section says (`tp_btf`, `raw_tp`, `tracepoint`, `kprobe`, `iter`, …); one of type
   * `perf_event` to the clock of `options`. Throws a `BpfError` of phase `attach`.
   */
  attach(program: string, options: AttachOptions = {}): Link {
    this.#programFd(program, "attach");
    const link = attachProgram(this.#handle, program, options, () => this.#owned.delete(link));
    this.#owned.add(link);
    return link;
  }

  /** Throws `BPF_NOT_FOUND`, also for a program that was not loaded. */
  program(name: string): Program {
    return new Program({ name, fd: this.#programFd(name, "run"), lifetime: this.#lifetime });
  }

  /** A map by its name; the variables of a section are the map of that name, as `.bss`. Throws `BPF_NOT_FOUND`. */
  map(name: string): BpfMap {
    return new BpfMap(this.#findMap(name, "map"), this.btf, this.#lifetime);
  }

  /**
   * Reads a map of type `ringbuf`. `onBatch` is called on the event loop, once for many records; what it throws is an
   * uncaught exception, and reading goes on. The batch is reused: copy what is to be kept.
   */
  ringReader(map: string, options: RingReaderOptions, onBatch: (batch: RingBatch) => void): RingReader {
    const found = this.#findMap(map, "read");
    if (found.type !== "ringbuf") {
      const message = `Map ${map} of object ${this.name} is no ring buffer, but of type ${found.type}.`;
      throw new BpfError("BPF_ARGUMENT_INVALID", message, { phase: "read" });
    }
    const lost = options.lostMap === undefined ? undefined : this.map(options.lostMap);
    const reader = new RingReader({
      map: found,
      lost,
      options,
      onBatch,
      onClose: () => this.#owned.delete(reader),
    });
    this.#owned.add(reader);
    return reader;
  }

  /** Closes its readers and links first. What is left in a ring is gone: see `RingReader.drain`. */
  close(): void {
    if (!this.#lifetime.end()) return;
    for (const owned of this.#owned) owned.close();
    native().object_close(this.#handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #programFd(name: string, phase: BpfPhase): number {
    this.#lifetime.check(phase);
    requireText("program", name, phase);
    let fd = -1;
    try {
      fd = native().program_fd(this.#handle, name);
    } catch (cause) {
      const message = `Object ${this.name} has no program ${name}.`;
      throw new BpfError("BPF_NOT_FOUND", message, { phase, program: name, cause });
    }
    if (fd >= 0) return fd;
    const message = `Program ${name} of object ${this.name} was not loaded: it was left out before load.`;
    throw new BpfError("BPF_NOT_FOUND", message, { phase, program: name });
  }

  #findMap(name: string, phase: BpfPhase): LoadedMap {
    this.#lifetime.check(phase);
    requireText("map", name, phase);
    const found = this.#maps.find((map) => nameInSource(map) === name);
    if (found !== undefined) return found;
    const names = this.#maps.map(nameInSource).join(", ");
    const message = `Object ${this.name} has no map ${name}; it has ${names === "" ? "none" : names}.`;
    throw new BpfError("BPF_NOT_FOUND", message, { phase });
  }
}

/** libbpf puts a part of the object's name before that of a section. */
function nameInSource({ name, isInternal }: NativeMap): string {
  return isInternal ? name.slice(Math.max(0, name.indexOf("."))) : name;
}
