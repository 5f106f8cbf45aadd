/**
 * Many modules as few files of JavaScript, so that Node need not find, read and strip a thousand of them at each start. A module
 * still finds what lies beside its source (compiled BPF programs, messages, samples) by `import.meta`.
 */
import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import type { Plugin } from "esbuild";

export interface Bundle {
  readonly root: string;
  /** Relative to the root, by the name that each gets in the folder, without `.js`. Their parts have files of their own. */
  readonly modules: Readonly<Record<string, string>>;
  /** Relative to the root. Files of an earlier bundle stay: a program that runs may load one of them yet. */
  readonly folder: string;
  /** Where `#folder/…` leads, for modules outside of this tree; their own package's `imports` where left out. */
  readonly tree?: string;
}

/** These open a library beside them. */
const external = ["bpf_loader.node", "leveldown"];

/** CommonJS packages in it ask for Node's modules by `require`, which a module does not have. */
const banner =
  'import { createRequire as createBundleRequire } from "node:module"; const require = createBundleRequire(import.meta.url);';

/** Rejects with what the bundler said, and where a module starts one (`new URL("x.ts", import.meta.url)`) that was not named. */
export async function bundle({ root, modules, folder, tree }: Bundle): Promise<void> {
  await build({
    entryPoints: Object.entries(modules).map(([out, path]) => ({ out, in: join(root, path) })),
    outdir: join(root, folder),
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "esnext",
    external,
    banner: { js: banner },
    plugins: [
      ...(tree === undefined ? [] : [importFrom(tree)]),
      keepPlaces({ root, modules, folder }),
      replace,
    ],
    logLevel: "silent",
  });
}

/** What a start would load for nothing. */
const replaced: readonly { readonly filter: RegExp; readonly contents: string }[] = [
  // An `import` of it asks for all that it exports, WebSocket among it, for which Node loads its whole `fetch`.
  { filter: /^(node:)?http$/, contents: 'module.exports = process.getBuiltinModule("node:http");' },
  // Of PouchDB's databases elsewhere, with the list of all domains: ours are on this machine.
  { filter: /^(fetch-cookie|node-fetch)$/, contents: "module.exports = (fetch) => fetch;" },
];
const replace: Plugin = {
  name: "replace",
  setup: (bundling) => {
    for (const [index, { filter, contents }] of replaced.entries()) {
      const namespace = `replaced-${index}`;
      bundling.onResolve({ filter }, ({ path, kind }) =>
        // What is imported later is asked for by name then, which a CommonJS module in a bundle does not answer.
        kind === "dynamic-import" ? undefined : { path, namespace },
      );
      bundling.onLoad({ filter: /./, namespace }, () => ({ contents }));
    }
  },
};

function importFrom(tree: string): Plugin {
  return {
    name: "import from the tree",
    setup: (bundling) => {
      bundling.onResolve({ filter: /^#(bpf|exporters|receiver)\// }, ({ path }) => ({
        path: join(tree, path.slice(1)),
      }));
    },
  };
}

function keepPlaces({ root, modules, folder }: Bundle): Plugin {
  const names = new Map(Object.entries(modules).map(([name, path]) => [resolve(root, path), name]));
  return {
    name: "keep places",
    setup: (bundling) => {
      bundling.onLoad({ filter: /\.ts$/ }, ({ path }) => ({ contents: rewrite(path), loader: "ts" }));
    },
  };

  /** Lines stay lines: what is added stands before the first one. */
  function rewrite(path: string): string {
    const code = readFileSync(path, "utf8")
      // What it finds belongs into the bundle.
      .replace(/^const require = createRequire\(import\.meta\.url\);$/m, "")
      .replaceAll(
        /new URL\("(?<started>[^"]+\.ts)", import\.meta\.url\)|import\.meta\.(?<kind>url|dirname)/g,
        (...match) => {
          const { started, kind } = match.at(-1) as { readonly started?: string; readonly kind?: string };
          return started === undefined ? `own_${kind}` : findStarted(path, started);
        },
      );
    const place = relative(join(root, folder), path);
    const url = `const own_url = new URL(${JSON.stringify(place)}, import.meta.url).href;`;
    const folderOf = `const own_dirname = import.meta.dirname + ${JSON.stringify(`/${dirname(place)}`)};`;
    return [code.includes("own_url") ? url : "", code.includes("own_dirname") ? folderOf : "", code].join("");
  }

  function findStarted(path: string, started: string): string {
    const name = names.get(resolve(dirname(path), started));
    if (name === undefined) throw new Error(`${path} starts ${started}, which is not to be bundled`);
    return `new URL("${name}.js", import.meta.url)`;
  }
}
