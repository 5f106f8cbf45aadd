/** Variables that a kernel half marks with SETTING: changed while it runs, one store each. */
import type { LoadedObject } from "bpf-loader-napi";
import type { KernelSettings } from "./contract.ts";

/** Name that bpf/include/settings.h gives to the section. */
const SECTION = ".data.settings";

/** Throws `BPF_NOT_FOUND` where the object has no settings, a `TypeError` for a name that is not among them. */
export function changeSettings(object: LoadedObject, settings: KernelSettings): void {
  if (Object.keys(settings).length === 0) return;
  const section = object.map(SECTION);
  const values = { ...(section.lookup(0) as Record<string, number | bigint | boolean>) };
  for (const [name, value] of Object.entries(settings)) {
    const before = values[name];
    if (before === undefined)
      throw new TypeError(`the kernel half has no setting ${name}; it has ${Object.keys(values).join(", ")}`);
    values[name] = typeof before === "bigint" ? BigInt(value) : value;
  }
  section.update(0, values);
}
