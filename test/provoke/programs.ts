/** Programs that set-up unpacked, or that the machine has. */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

const tools = join(import.meta.dirname, "../../build/tools");

/** For a child that starts further programs. */
export const programPath: string = [
  join(tools, "usr/bin"),
  join(tools, "usr/sbin"),
  process.env["PATH"] ?? "",
  "/usr/sbin",
  "/sbin",
].join(":");

/** Throws, saying what to do, where there is none. */
export function findProgram(name: string): string {
  const found = programPath
    .split(":")
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (found === undefined) throw new Error(`there is no ${name} here: "make test" installs it`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
