import { attempt } from "./native-error.ts";
import { native } from "./native.ts";

/**
 * Lets the kernel stamp every packet that the machine receives with the time (`skb->tstamp`), until disposed. It does
 * so by itself only while a socket asks for it; here an idle socket does. Throws `BPF_CLOCK_FAILED`.
 */
export function keepReceiveTimestamps(): Disposable {
  const failure = "Time stamps of received packets could not be turned on";
  const handle = attempt({ code: "BPF_CLOCK_FAILED", phase: "clock", failure }, () =>
    native().timestamps_keep(),
  );
  return { [Symbol.dispose]: () => native().timestamps_release(handle) };
}
