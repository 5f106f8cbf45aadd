/** Whether what a source says of a container is about the cgroup that the source was queried about. */
import type { ContainerPlace, Evidence } from "./source.ts";
import { readProcessCgroups } from "./process-cgroups.ts";
import type { ReadProcessCgroups } from "./process-cgroups.ts";

export interface AgreementOptions {
  /** Of the pod that the path names. */
  readonly podUid?: string | undefined;
  readonly readCgroups?: ReadProcessCgroups;
}

/**
 * By the pid or else by the path, as far as the source gives them. A source that gives neither is believed about a directory
 * that only root can have made: the name of the directory is root's word then, as the answer is.
 */
export async function agrees(
  place: ContainerPlace,
  evidence: Evidence,
  { podUid, readCgroups = readProcessCgroups }: AgreementOptions = {},
): Promise<boolean> {
  if (evidence.podUid !== undefined && podUid !== undefined && evidence.podUid !== podUid) return false;
  const byPid = await agreesByPid(place, evidence.pid ?? 0, readCgroups);
  return byPid ?? agreesByPath(place.path, evidence) ?? place.isProven;
}

/** Undefined where there is no process any longer, or its cgroups cannot be seen from here. */
async function agreesByPid(
  { path, hierarchies }: ContainerPlace,
  pid: number,
  readCgroups: ReadProcessCgroups,
): Promise<boolean | undefined> {
  const cgroups = await readCgroups(pid);
  const found = cgroups.filter(
    ({ hierarchy }) => hierarchies.length === 0 || hierarchies.includes(hierarchy),
  );
  if (found.length === 0) return undefined;
  return found.some((process) => `${process.path}/`.startsWith(`${path}/`));
}

/** Undefined where the source names no path, or one that is relative to a directory of the runtime's own. */
function agreesByPath(path: string, { cgroupsPath = "", cgroupParent = "" }: Evidence): boolean | undefined {
  if (cgroupsPath !== "") return isAt(path, expandCgroupsPath(cgroupsPath));
  if (cgroupParent === "") return undefined;
  const above = path.slice(0, path.lastIndexOf("/"));
  return isAt(above, [cgroupParent, ...expandSlice(cgroupParent)]);
}

/** `said`: whole paths, or ends of one without a slash at their beginning. */
function isAt(path: string, said: readonly string[]): boolean | undefined {
  const paths = said.map((each) => each.replace(/\/+$/, ""));
  if (paths.some((each) => path === each || path === `/${each}`)) return true;
  return paths.some((each) => !each.startsWith("/") && path.endsWith(`/${each}`)) ? undefined : false;
}

/** Of systemd's form `slice:prefix:name` the scope, and the form itself, which is a directory where there is no systemd. */
function expandCgroupsPath(cgroupsPath: string): string[] {
  const [, slice, prefix = "", name = ""] = /^([^:/]*):([^:/]*):([^:/]+)$/.exec(cgroupsPath) ?? [];
  if (slice === undefined) return [cgroupsPath];
  const leaf = name.endsWith(".slice") ? name : `${prefix === "" ? "" : `${prefix}-`}${name}.scope`;
  return [
    cgroupsPath,
    ...expandSlice(slice === "" ? "system.slice" : slice).map((above) => `${above}/${leaf}`),
  ];
}

/** `a-b.slice` is below `a.slice` (systemd.slice(5)); nothing of what is no slice. */
function expandSlice(slice: string): string[] {
  if (slice === "-.slice") return [""];
  if (!/^[^/]+\.slice$/.test(slice)) return [];
  const parts = slice.slice(0, -".slice".length).split("-");
  return [parts.map((_, index) => `/${parts.slice(0, index + 1).join("-")}.slice`).join("")];
}
