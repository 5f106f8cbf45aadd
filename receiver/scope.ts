/** How Kerntel names itself: the instrumentation scope of everything it emits. */
import { readFileSync } from "node:fs";
import type { Scope } from "./emission/resource-loggers.ts";

const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as Scope;

export const scope: Scope = { name: manifest.name, version: manifest.version };
