/** The log's directory: made, checked, listed, measured. */
import { constants } from "node:fs";
import { access, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { checkPrivateContent, preparePrivateDirectory } from "../private-directory.ts";
import { describeCause } from "../system-error.ts";
import { createStorageError, explainStorageError } from "./storage-error.ts";

/**
 * Makes the directory with mode 0700 where it is missing; rejects with a coded error if it cannot be used, or if others
 * could have changed what is in it.
 */
export async function prepareDirectory(directory: string): Promise<void> {
  try {
    await preparePrivateDirectory(directory, { name: "the local log", mayBeLink: false });
    await checkPrivateContent(directory, "the local log");
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const explained = explainStorageError(error, directory);
    // Nothing was read yet, so nothing is damaged: the place itself cannot be used.
    if (explained.code !== "LOCAL_LOG_DAMAGED" && explained.code !== "LOCAL_LOG_FAILED") throw explained;
    const message = `The local log cannot be kept in ${directory}: ${describeCause(error)}.`;
    throw createStorageError("LOCAL_LOG_NOT_WRITABLE", message, error);
  }
}

export async function listDirectories(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/** Sum of the sizes of the files directly inside; 0 where the directory is gone. */
export async function measureDirectoryBytes(directory: string): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = names.map(async (name) => {
    // LevelDB removes files at any moment; what is gone takes no space.
    const found = await stat(path.join(directory, name)).catch(() => undefined);
    return found?.isFile() ? found.size : 0;
  });
  let totalBytes = 0;
  for (const sizeBytes of await Promise.all(sizes)) totalBytes += sizeBytes;
  return totalBytes;
}
