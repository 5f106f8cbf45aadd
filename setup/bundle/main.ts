/** Makes the files that `kerntel` starts from: `node setup/bundle/main.ts`, part of `make setup`. */
import { join } from "node:path";
import { bundle } from "./bundle.ts";

const root = join(import.meta.dirname, "../..");

await bundle({ root, modules: { main: "receiver/main.ts" }, folder: "build/program" });
