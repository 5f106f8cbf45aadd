/** The hook in the bonding driver, for as long as there is an 802.3ad bond: the driver may be a module that comes, goes and comes again. */
import type { LoadedEvent, TracingContext } from "#receiver/tracing/contract.ts";
import { bondingLacpRecordLayout } from "./record.generated.ts";
import type { BondingLacpRecord } from "./record.generated.ts";

type HookContext = Pick<TracingContext, "bpf" | "log" | "network" | "attached">;

interface Session {
  readonly loaded: LoadedEvent;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
}

const withoutHook = "rtnetlink/link";

export class DriverHook {
  readonly #context: HookContext;
  readonly #onRecord: (record: BondingLacpRecord) => void;
  #hasBond = false;
  #session: Session | undefined;
  #ended: Promise<unknown> = Promise.resolve();

  constructor(context: HookContext, onRecord: (record: BondingLacpRecord) => void) {
    this.#context = context;
    this.#onRecord = onRecord;
    context.attached(withoutHook);
  }

  get isOpen(): boolean {
    return this.#session !== undefined;
  }

  /** Attaches with the first bond and detaches with the last, which goes when the module does. */
  follow(hasBond: boolean): void {
    if (hasBond === this.#hasBond) return;
    this.#hasBond = hasBond;
    if (hasBond) this.#open();
    else if (this.#close()) this.#context.attached(withoutHook);
  }

  /** The port is a new one: the kernel half tells its states, whatever an earlier one of this index had. */
  forget(index: number): void {
    try {
      this.#session?.loaded.map("told").delete(index);
    } catch (error) {
      this.#context.log.warn("a new port may be told only at its second change", error);
    }
  }

  /** Resolves when the last records are read, after the end of the run or of the last bond. */
  async ended(): Promise<void> {
    this.#close();
    await this.#ended;
  }

  #open(): void {
    const { bpf, log, network, attached } = this.#context;
    const stop = new AbortController();
    try {
      const loaded = bpf.load({
        object: new URL("bonding_lacp.bpf.o", import.meta.url),
        kernelModule: "bonding",
        constants: { netns_inode: Number(/\d+/.exec(network.namespace().name)?.[0] ?? 0) },
        programs: ["ad_rx_machine"],
        until: stop.signal,
      });
      this.#session = { loaded, stop, ended: this.#read(loaded) };
      attached([withoutHook, ...loaded.hooks].join(", "));
    } catch (error) {
      log.warn(
        "the bonding driver cannot be hooked: a state that comes and goes between two looks is not told",
        error,
      );
    }
  }

  async #read(loaded: LoadedEvent): Promise<void> {
    using open = loaded;
    try {
      await open.read([[bondingLacpRecordLayout, this.#onRecord]]);
    } catch (error) {
      this.#context.log.warn("the hook in the bonding driver cannot be read", error);
    }
  }

  /** Whether it was open. */
  #close(): boolean {
    if (this.#session === undefined) return false;
    this.#session.stop.abort();
    this.#ended = Promise.all([this.#ended, this.#session.ended]);
    this.#session = undefined;
    return true;
  }
}
