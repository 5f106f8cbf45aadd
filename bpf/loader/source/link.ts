/** Third phase: a program that runs when its hook is passed. */
import { refuse } from "./argument.ts";
import { Lifetime } from "./lifetime.ts";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";
import type { LinkHandle, ObjectHandle } from "./native.ts";
import { onlineCpus } from "./online-cpus.ts";

export interface AttachOptions {
  /** For programs of type `perf_event`: how often each CPU's clock runs them. */
  readonly clock?: { readonly frequencyHz: number } | { readonly periodNs: number };
}

/** Attached until closed. Closing its object closes it too. */
export class Link implements Disposable {
  readonly program: string;
  readonly #handles: readonly LinkHandle[];
  readonly #lifetime: Lifetime;
  readonly #onClose: () => void;

  /** Use `LoadedObject.attach`. */
  constructor(program: string, handles: readonly LinkHandle[], onClose: () => void) {
    this.program = program;
    this.#handles = handles;
    this.#lifetime = new Lifetime(`Link of program ${program}`);
    this.#onClose = onClose;
  }

  /** Runs an iterator (`SEC("iter/…")`) from beginning to end; returns what it wrote. Throws `BPF_RUN_FAILED`. */
  iterate(): Uint8Array {
    this.#lifetime.check("run");
    const failure = `Iterator ${this.program} could not be read`;
    const [handle] = this.#handles;
    if (handle === undefined) throw refuse("program", "an iterator", this.program, "run");
    return attempt({ code: "BPF_RUN_FAILED", phase: "run", failure, program: this.program }, () =>
      native().link_iterate(handle),
    );
  }

  close(): void {
    if (!this.#lifetime.end()) return;
    for (const handle of this.#handles) native().link_close(handle);
    this.#onClose();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export function attachProgram(
  object: ObjectHandle,
  program: string,
  { clock }: AttachOptions,
  onClose: () => void,
): Link {
  const failure = `Program ${program} could not be attached`;
  const what = { code: "BPF_ATTACH_FAILED", phase: "attach", failure, program } as const;
  if (clock === undefined)
    return new Link(program, [attempt(what, () => native().program_attach(object, program))], onClose);

  const every = "frequencyHz" in clock ? clock.frequencyHz : clock.periodNs;
  if (!Number.isSafeInteger(every) || every < 1)
    throw refuse("options.clock", "a whole number of Hz or ns", every, "attach");
  const handles: LinkHandle[] = [];
  try {
    for (const cpu of onlineCpus()) {
      const open = (): LinkHandle =>
        native().link_open_clock(object, program, cpu, every, "frequencyHz" in clock);
      handles.push(attempt(what, open));
    }
  } catch (error) {
    for (const handle of handles) native().link_close(handle);
    throw error;
  }
  return new Link(program, handles, onClose);
}
