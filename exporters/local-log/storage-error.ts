/** Turns what LevelDB and the file system say into codes that code can act on. */
import { CodedError, readErrorCode, readErrorMessage } from "../coded-error.ts";

export type StorageErrorCode =
  | "LOCAL_LOG_LOCKED"
  | "LOCAL_LOG_DISK_FULL"
  | "LOCAL_LOG_NOT_WRITABLE"
  | "LOCAL_LOG_NOT_A_DIRECTORY"
  | "LOCAL_LOG_DAMAGED"
  | "LOCAL_LOG_CLOSED"
  | "LOCAL_LOG_OPTIONS_INVALID"
  | "LOCAL_LOG_FAILED";

export function createStorageError(code: StorageErrorCode, message: string, cause?: unknown): CodedError {
  return new CodedError(code, message, cause);
}

// LevelDB gives no codes, only sentences that end in the text of errno.
const PATTERNS: readonly (readonly [RegExp, StorageErrorCode, string])[] = [
  [/\/LOCK: (?!No such file)|already held by process/, "LOCAL_LOG_LOCKED", "is in use by another process"],
  [/ENOSPC|EDQUOT|No space left|quota exceeded/i, "LOCAL_LOG_DISK_FULL", "is on a full disk"],
  [
    /EACCES|EPERM|EROFS|Permission denied|Read-only file system/,
    "LOCAL_LOG_NOT_WRITABLE",
    "cannot be written: check its owner, mode and mount",
  ],
  [/ENOTDIR|EEXIST|Not a directory/, "LOCAL_LOG_NOT_A_DIRECTORY", "is not a directory"],
  [
    /Corruption|does not exist|missing files|No such file|ENOENT|not an sstable|bad magic|checksum|\.ldb: Invalid argument|EIO|Input\/output error/i,
    "LOCAL_LOG_DAMAGED",
    "holds damaged files",
  ],
];

/** The same error if it has one of our codes already, else one that names the directory and keeps the cause. */
export function explainStorageError(error: unknown, directory: string): CodedError {
  if (error instanceof CodedError) return error;
  const text = `${readErrorCode(error)} ${readErrorMessage(error)}`;
  for (const [pattern, code, sentence] of PATTERNS) {
    if (pattern.test(text))
      return createStorageError(code, `The local log in ${directory} ${sentence}.`, error);
  }
  const message = `The local log in ${directory} failed: ${readErrorMessage(error)}`;
  return createStorageError("LOCAL_LOG_FAILED", message, error);
}
