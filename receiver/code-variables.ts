/**
 * Variables of the environment that choose code or where files are written. Whoever chooses them for root would run as root.
 * The launcher removes them before Node starts; this is for starts without it. Imports nothing, so that it comes first.
 */

/** The launcher has the same list. */
export const codeVariables: readonly string[] = [
  "NODE_OPTIONS",
  "NODE_PATH",
  "NODE_COMPILE_CACHE",
  "NODE_V8_COVERAGE",
  "NODE_REDIRECT_WARNINGS",
  "NODE_ICU_DATA",
  "NODE_PRESERVE_SYMLINKS",
  "NODE_PRESERVE_SYMLINKS_MAIN",
  "NODE_CHANNEL_FD",
  "NODE_REPL_EXTERNAL_MODULE",
  "OPENSSL_CONF",
  "OPENSSL_MODULES",
  "OPENSSL_ENGINES",
  "LD_PRELOAD",
  "LD_LIBRARY_PATH",
  "LD_AUDIT",
  "LD_DEBUG_OUTPUT",
  "LD_PROFILE",
  "LD_PROFILE_OUTPUT",
  "GCONV_PATH",
  "GLIBC_TUNABLES",
  "BPF_LOADER_ADDON",
  // node-gyp-build, which finds LevelDB's addon.
  "LEVELDOWN_PREBUILD",
  "PREBUILDS_ONLY",
  "npm_config_arch",
  "npm_config_platform",
  "LIBC",
  "ARM_VERSION",
  "ELECTRON_RUN_AS_NODE",
];

/** What is obeyed later than the program's first line, and so can still be ignored. */
const obeyedLater: ReadonlySet<string> = new Set(
  codeVariables.slice(codeVariables.indexOf("BPF_LOADER_ADDON")),
);

/**
 * Removes them from `variables`, for root alone. Returns a sentence about those that were set, or `undefined`. `ownCache`: the compile
 * cache of this tree, which the launcher sets.
 */
export function dropCodeVariables(
  variables: NodeJS.ProcessEnv,
  uid: number,
  ownCache: string,
): string | undefined {
  if (uid !== 0) return undefined;
  const set = codeVariables.filter(
    (name) => variables[name] && !(name === "NODE_COMPILE_CACHE" && variables[name] === ownCache),
  );
  for (const name of codeVariables) delete variables[name];
  if (set.length === 0) return undefined;
  const early = set.filter((name) => !obeyedLater.has(name));
  const ignored = `root ignores variables that choose code or files: ${set.join(" ")}`;
  if (early.length === 0) return ignored;
  const has = early.length === 1 ? "has been" : "have been";
  return `${ignored}; ${early.join(" ")} ${has} obeyed before that: start Kerntel by its launcher \`kerntel\``;
}
