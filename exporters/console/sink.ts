/** What takes the bytes of an output stream, without ever making the caller wait: one way for each kind of file. */
import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import { Socket } from "node:net";
import { isatty } from "node:tty";
import { readErrorCode } from "../coded-error.ts";

export interface Sink {
  /** Calls `done` when the kernel has taken all of `bytes`, or an error ended that; the next call comes after it. */
  write(bytes: Buffer, done: (error?: Error) => void): void;
  /**
   * Written by a thread of libuv's. The next write may succeed after one that failed, as on a disk that was full; and one
   * that hangs would hold up the end of the process, which waits for its threads.
   */
  readonly isFile: boolean;
}

/**
 * The sink of an open descriptor. `write` of a blocking descriptor would stop the process together with a terminal
 * (Ctrl-S), and `O_NONBLOCK` belongs to the open file description, which the shell shares. So terminals and pipes are
 * opened anew by way of /proc/self/fd (proc_pid_fd(5)), which gives a description of our own.
 */
export function openSink(descriptor: number): Sink {
  const own = (): number =>
    openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  const kind = fstatSync(descriptor);
  try {
    if (isatty(descriptor)) return openTerminal(own());
    if (kind.isFIFO()) return openSocket(own());
  } catch {
    // A terminal or pipe of another user; the ways below do with the shared description.
  }
  try {
    if (kind.isFIFO() || kind.isSocket()) return openSocket(descriptor);
  } catch {
    // A socket of a kind that Node has no stream for.
  }
  return openFile(descriptor);
}

/** Pipes and stream sockets, by libuv's event loop. */
function openSocket(descriptor: number): Sink {
  const socket = new Socket({ fd: descriptor, readable: false, writable: true });
  // Each write gets its error too.
  socket.on("error", () => undefined);
  return {
    isFile: false,
    write: (bytes, done) => {
      socket.write(bytes, (error) => {
        done(error ?? undefined);
      });
    },
  };
}

/** Longest pause before a terminal that takes nothing is tried again. */
const LONGEST_PAUSE_MS = 50;

/**
 * Node waits for a terminal in the calling thread, and offers no way to be woken by one. A terminal that is read takes
 * everything at once; one that is stopped is tried again after pauses.
 */
function openTerminal(descriptor: number): Sink {
  const writeNow = (bytes: Buffer, done: (error?: Error) => void, pauseMs = 1): void => {
    let rest = bytes;
    let nextPauseMs = pauseMs;
    try {
      while (rest.length > 0) {
        rest = rest.subarray(writeSync(descriptor, rest));
        nextPauseMs = 1;
      }
    } catch (error) {
      if (readErrorCode(error) !== "EAGAIN") {
        done(error as Error);
        return;
      }
      setTimeout(writeNow, nextPauseMs, rest, done, Math.min(2 * nextPauseMs, LONGEST_PAUSE_MS));
      return;
    }
    done();
  };
  return {
    isFile: false,
    write: (bytes, done) => {
      writeNow(bytes, done);
    },
  };
}

/** Files and devices, in libuv's thread pool: a frozen filesystem must not stop the watch. */
function openFile(descriptor: number): Sink {
  const writeRest = (bytes: Buffer, done: (error?: Error) => void): void => {
    write(descriptor, bytes, 0, bytes.length, null, (error, count) => {
      // Another program that shares the description made it non-blocking.
      if (error?.code === "EAGAIN") setTimeout(writeRest, LONGEST_PAUSE_MS, bytes, done);
      else if (error !== null) done(error);
      else if (count < bytes.length) writeRest(bytes.subarray(count), done);
      else done();
    });
  };
  return { isFile: true, write: writeRest };
}
