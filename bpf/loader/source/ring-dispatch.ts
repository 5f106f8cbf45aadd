/** Brings the wake-ups of the native thread to the readers of this environment. */
import { AsyncLocalStorage } from "node:async_hooks";
import { attempt } from "./native-error.ts";
import { native } from "./native.ts";

const readers = new Map<number, () => void>();
let isListening = false;
let lastId = 0;

const notStarted = {
  code: "BPF_READER_FAILED",
  phase: "read",
  failure:
    "The thread that waits for the kernel could not be started, by pids.max of a cgroup, RLIMIT_NPROC or for want of memory",
} as const;

/**
 * A number under which `onReady` is called once per arming of the ring, in the asynchronous context of this call: the
 * native thread has none, and what a reader throws must be known to be its owner's.
 * Throws `BPF_READER_FAILED` where this process gets no more threads.
 */
export function registerReader(onReady: () => void): number {
  if (!isListening) attempt(notStarted, () => native().ring_listen(wake));
  isListening = true;
  lastId += 1;
  const inContext = AsyncLocalStorage.snapshot();
  readers.set(lastId, () => {
    inContext(readSafely, onReady);
  });
  return lastId;
}

export function forgetReader(id: number): void {
  readers.delete(id);
}

/** A ring that was closed in the meantime is no longer there: its wake-up is nothing. */
function wake(ids: readonly number[]): void {
  for (const id of ids) readers.get(id)?.();
}

function readSafely(onReady: () => void): void {
  try {
    onReady();
  } catch (error) {
    // Uncaught, as it should be, but without keeping the wake-up from the other rings.
    queueMicrotask(() => {
      throw error;
    });
  }
}
