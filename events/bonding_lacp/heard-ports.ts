/**
 * Whom to believe about the states of a port. The hook in the driver tells each of them in its order; rtnetlink tells what was
 * so at some moment, by another queue, and may be behind or ahead. So while there is the hook, it alone is
 * believed, and one change is told once.
 */

export interface PortStates {
  readonly actorState: number;
  readonly partnerState: number;
  readonly aggregatorId: number;
}

interface HeardPort {
  /** Nanoseconds since boot. What is older is of an earlier port with this index. */
  readonly since: number;
  /** The hook did not tell a change of this port, and has not spoken of it since. */
  isMissed: boolean;
  /** What rtnetlink says and the hook does not, and since when. */
  doubt: { readonly states: PortStates; readonly time: number } | undefined;
}

/** The driver runs its machines ten times a second: a hook that works has spoken by then. */
const SILENCE_NS = 1e9;

export class HeardPorts {
  isHooked = false;
  readonly #ports = new Map<number, HeardPort>();

  join(index: number, since: number): void {
    this.#ports.set(index, { since, isMissed: false, doubt: undefined });
  }

  leave(index: number): void {
    this.#ports.delete(index);
  }

  /** The hook spoke of a port; false where that was before it joined. */
  hear(index: number, time: number): boolean {
    const port = this.#ports.get(index);
    if (port === undefined || time < port.since) return false;
    port.isMissed = false;
    port.doubt = undefined;
    return true;
  }

  /**
   * Whether what rtnetlink says at that time is believed: where nothing is hooked, and where the hook went on saying
   * nothing of it for long. Its driver does nothing while the bond is down, for instance.
   */
  believes(index: number, now: PortStates, known: PortStates, time: number): boolean {
    const port = this.#ports.get(index);
    if (port === undefined || !this.isHooked || port.isMissed) return true;
    if (areSame(now, known)) port.doubt = undefined;
    else if (port.doubt === undefined || !areSame(now, port.doubt.states)) port.doubt = { states: now, time };
    else port.isMissed = time - port.doubt.time >= SILENCE_NS;
    return port.isMissed;
  }
}

function areSame(left: PortStates, right: PortStates): boolean {
  return (
    left.actorState === right.actorState &&
    left.partnerState === right.partnerState &&
    left.aggregatorId === right.aggregatorId
  );
}
