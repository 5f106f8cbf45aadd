/** Who may import whom: the arrows of the design. */
import { isTest, topFolder } from "./source-tree.ts";
import type { Import, SourceFile } from "./source-tree.ts";

/** `A: [B]` means that A may import B; itself it always may. A path with a slash allows only what is below it. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  receiver: ["otel-config/", "exporters/", "events/", "bpf/"],
  "otel-config": [],
  events: ["bpf/", "receiver/tracing/"],
  exporters: [],
  bpf: [],
  // Generators read what all the others declare.
  setup: ["receiver/", "otel-config/", "exporters/", "events/", "bpf/"],
};

/** The addon's package is for those who load or read kernel objects. */
const loaderUsers = ["receiver", "bpf"];

export function checkImports(files: readonly SourceFile[]): string[] {
  // A fixture may stand for a file of another folder.
  const own = files.filter(({ path }) => !path.includes("/fixtures/"));
  return own.flatMap((file) =>
    file.imports.flatMap((imported) =>
      [findWrongArrow, findSibling, findWrongSpelling, findLoaderUse].flatMap((rule) => {
        const problem = rule(file, imported);
        return problem === undefined ? [] : [`${file.path} imports ${imported.specifier}: ${problem}`];
      }),
    ),
  );
}

function findWrongArrow(file: SourceFile, { target }: Import): string | undefined {
  const from = topFolder(file.path);
  if (target === undefined || from === "test" || topFolder(target) === from) return undefined;
  if (topFolder(target) === "test") return isTest(file) ? undefined : "only tests import test/";
  // A live test runs the whole receiver.
  if (file.path.endsWith(".live.test.ts") && topFolder(target) === "receiver") return undefined;
  const allowed = arrows[from] ?? [];
  if (allowed.some((prefix) => target.startsWith(prefix))) return undefined;
  return `${from} may import ${allowed.join(", ") || "nothing of ours"}`;
}

/** Folders of events/ and of exporters/ do not know each other; files beside the folders may be shared. */
function findSibling({ path }: SourceFile, { target }: Import): string | undefined {
  const [top, folder, ...rest] = path.split("/");
  const [targetTop, targetFolder, ...targetRest] = target?.split("/") ?? [];
  if (top !== targetTop || (top !== "events" && top !== "exporters")) return undefined;
  if (rest.length === 0 || targetRest.length === 0 || folder === targetFolder) return undefined;
  return `${top}/${folder} and ${top}/${targetFolder} are siblings`;
}

/** `#folder/…` is a crossing of folders, and a crossing is `#folder/…`. */
function findWrongSpelling({ path }: SourceFile, { specifier, target }: Import): string | undefined {
  if (target === undefined) return undefined;
  if (!/\.(ts|json)$/.test(target)) return "the extension is missing";
  const isCrossing = topFolder(target) !== topFolder(path);
  if (!isCrossing && specifier.startsWith("#")) return "inside a folder imports are relative";
  if (isCrossing && !specifier.startsWith("#") && target.includes("/")) {
    return "imports from another folder begin with #";
  }
  return undefined;
}

function findLoaderUse(file: SourceFile, { specifier }: Import): string | undefined {
  const isLoader = specifier === "bpf-loader-napi" || specifier.startsWith("bpf-loader-napi/");
  const isAllowed = isTest(file) || loaderUsers.includes(topFolder(file.path));
  return isLoader && !isAllowed ? `only ${loaderUsers.join(" and ")} use it` : undefined;
}
