/** Finds clang and llvm-strip, also where a distribution installs them under a versioned name only. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Tools {
  readonly clang: string;
  readonly strip: string;
}

/** From clang 14 on, all that the programs use is there. */
const versions = ["", "-22", "-21", "-20", "-19", "-18", "-17", "-16", "-15", "-14"];

/** Throws a sentence naming the Debian package where a tool is missing. */
export function findTools(searchPath: string = process.env["PATH"] ?? ""): Tools {
  return {
    clang: find(searchPath, "clang", "clang"),
    strip: find(searchPath, "llvm-strip", "llvm"),
  };
}

function find(searchPath: string, tool: string, debianPackage: string): string {
  for (const version of versions) {
    for (const folder of searchPath.split(delimiter)) {
      const path = join(folder, tool + version);
      if (folder !== "" && isExecutable(path)) return path;
    }
  }
  throw new Error(
    `${tool} is needed to compile the BPF programs and is not in the PATH: install the Debian package ${debianPackage}.`,
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not ours to run: the next folder may have it.
    return false;
  }
}
