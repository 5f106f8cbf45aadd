/** What every `telemetry.yaml` declares. In an emulated machine reading them all takes seconds: a guest has it as its host read it. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { deserialize, serialize } from "node:v8";
import type { DeclaredNames } from "#receiver/telemetry/declared.ts";

const stagedUrl = new URL("declared-names.bin", import.meta.url);
const read: () => DeclaredNames = existsSync(stagedUrl)
  ? (): DeclaredNames => deserialize(readFileSync(stagedUrl)) as DeclaredNames
  : (await import("#receiver/telemetry/read-declared.ts")).readDeclaredNames;

let declared: DeclaredNames | undefined;

/** Read once for all tests of a process. */
export function declaredNames(): DeclaredNames {
  declared ??= read();
  return declared;
}

/** For the tree of a guest, whose `test/live` is `folder`. */
export function stageDeclaredNames(folder: string): void {
  writeFileSync(`${folder}/declared-names.bin`, serialize(declaredNames()));
}
