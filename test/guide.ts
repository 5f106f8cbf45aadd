/** Follows a page of the documentation word by word in a copy of the tree: a guide that does not work is worse than none. */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

const root = join(import.meta.dirname, "..");

/** The tracked files and what set-up builds, without what tests and checks alone need. */
export function copyTree(target: string): void {
  const listed = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const file of listed.split("\n").filter(Boolean)) cpSync(join(root, file), join(target, file));
  cpSync(join(root, "bpf/loader/build/Release"), join(target, "bpf/loader/build/Release"), {
    recursive: true,
  });
  mkdirSync(join(target, "node_modules"));
  const modules = execFileSync("ls", ["-A", join(root, "node_modules")], { encoding: "utf8" });
  for (const name of modules.split("\n").filter((module) => module !== "" && module !== "bpf-loader-napi")) {
    symlinkSync(join(root, "node_modules", name), join(target, "node_modules", name));
  }
  // The workspace must be the copy's own: it is found by its real path.
  symlinkSync("../bpf/loader", join(target, "node_modules/bpf-loader-napi"));
}

/**
 * Does what the page says in its blocks of code, in their order: writes a file (`file=PATH`), adds a line to a list (`append=PATH`), applies
 * a change (`apply`), runs commands (`run`). `addLine`: a list with one line more, and the import that it needs.
 * `replaced`: paths of the page and what stands for them here. Answers the files that
 * were written and those that were changed.
 */
export function followGuide(
  tree: string,
  page: string,
  addLine: (list: string, line: string) => string = (list) => list,
  replaced: Readonly<Record<string, string>> = {},
): { readonly written: readonly string[]; readonly changed: readonly string[] } {
  const guide = Object.entries(replaced).reduce(
    (text, [written, real]) => text.replaceAll(written, real),
    readFileSync(join(root, page), "utf8"),
  );
  const [written, changed]: [string[], string[]] = [[], []];
  for (const [, kind, path = "", text = ""] of guide.matchAll(/^```\w+ (\w+)(?:=(\S+))?\n(.*?)^```$/gms)) {
    const place = resolve(tree, path);
    if (kind === "file") {
      written.push(path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
    } else if (kind === "append") {
      changed.push(path);
      writeFileSync(place, addLine(readFileSync(place, "utf8"), text.trim()));
    } else if (kind === "apply") {
      changed.push(...[...text.matchAll(/^\+\+\+ b\/(.+)$/gm)].map(([, file = ""]) => file));
      execFileSync("git", ["apply"], { cwd: tree, input: text });
    } else if (kind === "run") {
      for (const [, command = ""] of text.matchAll(/^\$ (.+)$/gm))
        execFileSync("sh", ["-c", command], { cwd: tree, encoding: "utf8" });
    } else throw new Error(`${page} has a block of the unknown kind ${kind}`);
  }
  return { written, changed };
}
