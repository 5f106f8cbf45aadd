/**
 * What an error number of the kernel means for a person who has to act on it. The only place where a cause is derived
 * from one, so that no message guesses.
 */
import { CodedError, readErrorCode, readErrorMessage } from "./coded-error.ts";

interface Meaning {
  /** As part of a sentence, behind a colon. */
  readonly cause: string;
  /** What strerror(3) says: LevelDB passes on this text and no number. glibc's words, and musl's where they differ. */
  readonly texts: readonly string[];
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  EACCES: {
    cause: "this user does not have the permission; check owner, mode and security modules",
    texts: ["Permission denied"],
  },
  EADDRINUSE: { cause: "another program listens there", texts: ["Address already in use", "Address in use"] },
  EADDRNOTAVAIL: {
    cause: "no network interface of this machine has that address",
    texts: ["Cannot assign requested address", "Address not available"],
  },
  EAGAIN: {
    cause: "another process holds it",
    texts: ["Resource temporarily unavailable"],
  },
  EBUSY: { cause: "it is in use", texts: ["Device or resource busy", "Resource busy"] },
  EDQUOT: { cause: "the disk quota is used up", texts: ["Disk quota exceeded", "Quota exceeded"] },
  EFBIG: { cause: "a file would be larger than allowed", texts: ["File too large"] },
  EIO: { cause: "the storage device failed; see the kernel log", texts: ["Input/output error", "I/O error"] },
  EISDIR: { cause: "it is a directory", texts: ["Is a directory"] },
  ELOOP: {
    cause: "it is a symbolic link, or its path has too many of them",
    texts: ["Too many levels of symbolic links", "Symbolic link loop"],
  },
  EMFILE: {
    cause: "this process has as many files open as it may; raise its limit (`LimitNOFILE=`, `ulimit -n`)",
    texts: ["Too many open files", "No file descriptors available"],
  },
  ENAMETOOLONG: { cause: "the name is too long", texts: ["File name too long", "Filename too long"] },
  ENFILE: {
    cause: "the machine has as many files open as it may; raise `fs.file-max`",
    texts: ["Too many open files in system"],
  },
  ENODEV: { cause: "there is no such device", texts: ["No such device"] },
  ENOENT: { cause: "there is no such file", texts: ["No such file or directory"] },
  ENOLCK: {
    cause: "its file system gives no locks; on NFS, the lock service has to run",
    texts: ["No locks available"],
  },
  ENOMEM: {
    cause: "the kernel has no memory left for it",
    texts: ["Cannot allocate memory", "Out of memory"],
  },
  ENOSPC: {
    cause: "the disk is full: no space or no inode is left",
    texts: ["No space left on device"],
  },
  ENOTDIR: { cause: "a part of the path is not a directory", texts: ["Not a directory"] },
  EPERM: { cause: "the kernel does not allow it to this user", texts: ["Operation not permitted"] },
  EROFS: { cause: "its file system is mounted read-only", texts: ["Read-only file system"] },
  ESTALE: {
    cause: "the file server does not know it any more; mount it again",
    texts: ["Stale file handle", "Stale NFS file handle"],
  },
};

// The longest first: one text begins another.
const NAMES_BY_TEXT: readonly (readonly [string, string])[] = Object.entries(MEANINGS)
  .flatMap(([name, { texts }]) => texts.map((text) => [text.toLowerCase(), name] as const))
  .sort(([one], [other]) => other.length - one.length);

/** The name of the error number (`EMFILE`), from its code or from the text; `""` where there is none. */
export function readErrno(error: unknown): string {
  const code = readErrorCode(error);
  if (/^E[A-Z0-9]+$/.test(code)) return code;
  const message = readErrorMessage(error).toLowerCase();
  const found = NAMES_BY_TEXT.find(([text]) => message.includes(text))?.[1];
  if (found !== undefined || !(error instanceof Error) || error.cause === undefined) return found ?? "";
  return readErrno(error.cause);
}

/** The cause with its number, as part of a sentence; the error's own message where there is no number. */
export function describeCause(error: unknown): string {
  if (error instanceof CodedError) return error.message;
  const name = readErrno(error);
  const cause = MEANINGS[name]?.cause;
  return cause === undefined ? readErrorMessage(error) : `${cause} (${name})`;
}
