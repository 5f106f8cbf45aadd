/**
 * A real user without privileges, with what systemd gives everyone who logs in, and with bounds on what an attack may take:
 * README.md.
 */
import { chownSync, copyFileSync, existsSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { scaleDeadline } from "../live/wait-until.ts";
import { CannotProvokeError } from "../provoke/cannot-provoke.ts";
import { findProgram } from "../provoke/programs.ts";
import { delegate, findHierarchies } from "./delegated-cgroup.ts";
import type { DelegatedDirectory } from "./delegated-cgroup.ts";
import { startRun } from "./hostile-run.ts";
import type { HostileRun } from "./hostile-run.ts";
import { watchRemains } from "./user-remains.ts";

const NOBODY = 65_534;
const MEMORY_BYTES = 256 * 1024 * 1024;

export interface UserOptions {
  /** Default 65534. A second user in the same test needs another one. */
  readonly uid?: number;
  /** The user's cgroup, below the root of each hierarchy. Default: that of systemd's `user@UID.service`. */
  readonly cgroupPath?: string;
  /** All that the user's processes may have together. Default 256 MiB. */
  readonly memoryBytes?: number;
  /** Processes and threads at a time. Default 64. */
  readonly processes?: number;
  /** Open files of one process. Default 1,024, as after a login. */
  readonly files?: number;
  /**
   * Default true: no program that the user starts gains privileges. After a login it is false, and `newuidmap` and `su`
   * need that.
   */
  readonly noNewPrivileges?: boolean;
}

export interface RunOptions {
  /** `$1`, … of a script; `process.argv` from 1 on of a snippet. */
  readonly args?: readonly string[];
  /** After this time the run is ended, with `isTimedOut`. Default 10 s; more where the machine is slow. */
  readonly limitMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export class UnprivilegedUser implements AsyncDisposable {
  readonly uid: number;
  /** Path of its cgroup below the root of each hierarchy. */
  readonly cgroupPath: string;
  /** A directory of its own, removed at the end; `HOME`, `TMPDIR` and working directory of what it runs. */
  readonly home: string;
  readonly delegated: readonly DelegatedDirectory[];
  readonly #options: UserOptions;
  readonly #remove: () => Promise<void>;
  #nodePath: string | undefined;

  /** Throws `CannotProvokeError`, by which `liveTest` skips a test with the reason, where something is missing. */
  static async enter(options: UserOptions = {}): Promise<UnprivilegedUser> {
    if (process.getuid?.() !== 0) throw new CannotProvokeError("only root can become another user");
    const { uid = NOBODY, memoryBytes = MEMORY_BYTES, processes = 64 } = options;
    const cgroupPath = options.cgroupPath ?? `/user.slice/user-${uid}.slice/user@${uid}.service`;
    const home = mkdtempSync(join(tmpdir(), "kerntel-user-"));
    chownSync(home, uid, uid);
    const delegated: DelegatedDirectory[] = [];
    try {
      for (const hierarchy of findHierarchies()) {
        const made = delegate(hierarchy, cgroupPath, uid);
        delegated.push(made);
        limit(made, memoryBytes, processes);
      }
    } catch (error) {
      await watchRemains(home, delegated)();
      throw error;
    }
    return new UnprivilegedUser({ ...options, uid, processes, cgroupPath }, home, delegated);
  }

  private constructor(
    options: UserOptions & { readonly uid: number; readonly cgroupPath: string },
    home: string,
    delegated: readonly DelegatedDirectory[],
  ) {
    this.#options = options;
    this.uid = options.uid;
    this.cgroupPath = options.cgroupPath;
    this.home = home;
    this.delegated = delegated;
    this.#remove = watchRemains(home, delegated);
  }

  /** The user's directory in the hierarchy that has the controller; `unified`: in that of version 2. */
  cgroup(controller: "memory" | "pids" | "unified"): DelegatedDirectory {
    const found = this.delegated.find(({ version, controllers }) =>
      controller === "unified" ? version === 2 : controllers.includes(controller),
    );
    if (found === undefined) throw new CannotProvokeError(`no hierarchy of cgroups has ${controller} here`);
    return found;
  }

  /** Runs a script of the shell. */
  shell(script: string, { args = [], ...options }: RunOptions = {}): HostileRun {
    return this.run(["sh", "-c", script, "sh", ...args], options);
  }

  /** Runs TypeScript, an ECMAScript module that imports only what Node has. */
  node(source: string, { args = [], ...options }: RunOptions = {}): HostileRun {
    this.#nodePath ??= findNode(this.home);
    const flags = ["--input-type=module-typescript", "--no-warnings", "--eval", source, "--"];
    return this.run([this.#nodePath, ...flags, ...args], options);
  }

  /** Runs a program with its arguments. */
  run(
    command: readonly string[],
    { args = [], limitMs = 10_000, environment = {} }: RunOptions = {},
  ): HostileRun {
    const settings = { home: this.home, limitMs: scaleDeadline(limitMs), environment };
    return startRun([...this.#entrance(), ...command, ...args], settings);
  }

  /** Throws `CannotProvokeError`, with what the system says, where the user may not make namespaces. */
  async requireUserNamespaces(): Promise<void> {
    const { code, err } = await this.run(["unshare", "-U", "-r", "-n", "true"]).ended;
    if (code !== 0) throw new CannotProvokeError(`a user may not make user namespaces here: ${err.trim()}`);
  }

  /** Ends all its processes, and removes its cgroups and its home. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#remove();
  }

  /** Root joins the cgroups, takes the limits and becomes the user, in this order. */
  #entrance(): string[] {
    const { uid } = this;
    const { processes = 64, files = 1_024, noNewPrivileges = true } = this.#options;
    // Node reserves far more address space than it uses: memory is bounded by the cgroup alone. `-u` is `-p` in other shells.
    const script = `until [ "$1" = -- ]; do echo $$ >"$1/cgroup.procs" || exit 125; shift; done; shift
      ulimit -p ${processes} 2>/dev/null || ulimit -u ${processes}; ulimit -n ${files}; ulimit -c 0; exec "$@"`;
    const become = [findProgram("setpriv"), "--reuid", `${uid}`, "--regid", `${uid}`, "--clear-groups"];
    const dropped = noNewPrivileges ? ["--no-new-privs", "--bounding-set=-all"] : [];
    const leaves = this.delegated.map(({ leaf }) => leaf);
    return ["sh", "-c", script, "sh", ...leaves, "--", ...become, "--inh-caps=-all", ...dropped];
  }
}

function limit(
  { directory, version, controllers }: DelegatedDirectory,
  memoryBytes: number,
  processes: number,
): void {
  if (controllers.includes("memory")) {
    const file = version === 2 ? "memory.max" : "memory.limit_in_bytes";
    writeFileSync(join(directory, file), `${memoryBytes}`);
  }
  if (controllers.includes("pids")) writeFileSync(join(directory, "pids.max"), `${processes}`);
}

/** Node as the user may run it: a copy in its home where root keeps the way there to itself. */
function findNode(home: string): string {
  let isOpen = true;
  for (let path = process.execPath; path !== dirname(path); path = dirname(path))
    isOpen &&= (statSync(path).mode & 0o001) !== 0;
  if (isOpen) return process.execPath;
  const copy = join(home, "node");
  if (!existsSync(copy)) copyFileSync(process.execPath, copy);
  return copy;
}
