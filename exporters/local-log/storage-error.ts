/** Turns what LevelDB and the file system say into codes that code can act on. */
import { CodedError, readErrorMessage } from "../coded-error.ts";
import { describeCause, readErrno } from "../system-error.ts";

export type StorageErrorCode =
  | "LOCAL_LOG_LOCKED"
  | "LOCAL_LOG_DISK_FULL"
  | "LOCAL_LOG_NO_RESOURCES"
  | "LOCAL_LOG_NOT_WRITABLE"
  | "LOCAL_LOG_NOT_READABLE"
  | "LOCAL_LOG_NOT_A_DIRECTORY"
  | "LOCAL_LOG_MISSING"
  | "LOCAL_LOG_DAMAGED"
  | "LOCAL_LOG_CLOSED"
  | "LOCAL_LOG_OPTIONS_INVALID"
  | "LOCAL_LOG_FAILED";

export function createStorageError(code: StorageErrorCode, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, cause);
}

const CODES_BY_ERRNO: Readonly<Record<string, StorageErrorCode>> = {
  ENOSPC: "LOCAL_LOG_DISK_FULL",
  EDQUOT: "LOCAL_LOG_DISK_FULL",
  EMFILE: "LOCAL_LOG_NO_RESOURCES",
  ENFILE: "LOCAL_LOG_NO_RESOURCES",
  ENOMEM: "LOCAL_LOG_NO_RESOURCES",
  ENOLCK: "LOCAL_LOG_NO_RESOURCES",
  EACCES: "LOCAL_LOG_NOT_WRITABLE",
  EPERM: "LOCAL_LOG_NOT_WRITABLE",
  EROFS: "LOCAL_LOG_NOT_WRITABLE",
  ENOTDIR: "LOCAL_LOG_NOT_A_DIRECTORY",
  EEXIST: "LOCAL_LOG_NOT_A_DIRECTORY",
  // What cannot be read from the device is lost to its readers, who have to go on behind it.
  EIO: "LOCAL_LOG_DAMAGED",
  ENOENT: "LOCAL_LOG_DAMAGED",
};

const CODES_OF_READING: Readonly<Record<string, StorageErrorCode>> = {
  EACCES: "LOCAL_LOG_NOT_READABLE",
  EPERM: "LOCAL_LOG_NOT_READABLE",
  ENOENT: "LOCAL_LOG_MISSING",
};

type Purpose = "keep" | "read";

// What LevelDB says by itself, without a number.
const LOCKED = /already held by process/;
const DAMAGED =
  /Corruption|does not exist|missing files|not an sstable|bad magic|checksum|\.ldb: Invalid argument/i;

/**
 * The same error if it has one of our codes already, else one that names the directory, says the cause and keeps it.
 * `purpose` is what the directory was opened for.
 */
export function explainStorageError(
  error: unknown,
  directory: string,
  purpose: Purpose = "keep",
): CodedError {
  if (error instanceof CodedError) return error;
  const code = findCode(error, purpose);
  return createStorageError(code, describe(code, error, directory, purpose), error);
}

function findCode(error: unknown, purpose: Purpose): StorageErrorCode {
  const message = readErrorMessage(error);
  const errno = readErrno(error);
  // Of its files, LevelDB locks this one alone; on another one the number means something else.
  if (LOCKED.test(message) || (errno === "EAGAIN" && message.includes("/LOCK: "))) return "LOCAL_LOG_LOCKED";
  if (DAMAGED.test(message)) return "LOCAL_LOG_DAMAGED";
  const byErrno = purpose === "read" ? { ...CODES_BY_ERRNO, ...CODES_OF_READING } : CODES_BY_ERRNO;
  return byErrno[errno] ?? "LOCAL_LOG_FAILED";
}

function describe(code: StorageErrorCode, error: unknown, directory: string, purpose: Purpose): string {
  const log = `The local log in ${directory}`;
  const isByLevel = readErrno(error) === "" || readErrno(error) === "ENOENT";
  if (code === "LOCAL_LOG_MISSING") return `there is no local log in ${directory}`;
  if (code === "LOCAL_LOG_LOCKED") return `${log} is in use by another process.`;
  if (code === "LOCAL_LOG_DAMAGED" && isByLevel)
    return `${log} holds damaged files: ${readErrorMessage(error)}.`;
  return `${log} cannot be ${purpose === "read" ? "read" : "kept"}: ${describeCause(error)}.`;
}
