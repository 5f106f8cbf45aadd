/** Where a module is in a guest, whose modules are bundled; each still tells of its source by its name. */
import { basename } from "node:path";

/** In the root of the project. */
export const BUNDLE_FOLDER = "build/guest";
/** Kebab case has no two of them. */
const SLASH = "--";

/** Without `.js`. */
export function bundledName(source: string): string {
  return source.replaceAll("/", SLASH).replace(/\.ts$/, "");
}

export function bundledPath(source: string): string {
  return `${BUNDLE_FOLDER}/${bundledName(source)}.js`;
}

/** Of what `bundledPath` gave, as an absolute or relative path. */
export function sourcePath(bundled: string): string {
  return basename(bundled).replaceAll(SLASH, "/").replace(/\.js$/, ".ts");
}
