/** Tables that are filled once for the BPF programs of all events: those of tenants (bpf/include/tenant-maps.h). */
import type { BpfMap, OpenObject } from "bpf-loader-napi";

/** The maps of bpf/include/tenant-maps.h, by name. */
const names = ["tenants", "net_tenants"] as const;
export type SharedMaps = Readonly<Record<(typeof names)[number], BpfMap>>;

/**
 * Gives an object the tables where it reads them. Without them, because the kernel refused the maps, its own stay empty: its
 * programs then know tenants by the owners of cgroups and namespaces alone.
 */
export function shareMaps(opened: OpenObject, shared: SharedMaps | undefined): void {
  for (const name of names) {
    if (!opened.maps.includes(name)) continue;
    if (shared === undefined) opened.setMaxEntries(name, 1);
    else opened.shareMap(name, shared[name]);
  }
}
