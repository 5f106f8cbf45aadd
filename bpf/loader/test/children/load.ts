/** Loads the object that the first argument names, and says how long that took, in milliseconds. */
import { openObject } from "../../source/index.ts";

const started = performance.now();
openObject(process.argv[2] ?? "")
  .load()
  .close();
process.stdout.write(`loaded in ${performance.now() - started} ms`);
