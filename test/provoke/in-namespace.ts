/** A script in a network namespace of its own, which lives on until it is let go: numbers of gone ones come again. */
import { spawn } from "node:child_process";
import { once } from "node:events";

export interface NamespaceRun extends AsyncDisposable {
  /** Inode number of the namespace. */
  readonly netnsInode: number;
  /** When there was no such namespace yet, as in a log record: what is older is of another one with that number. */
  readonly since: string;
}

/** A shell that is busybox takes its own ones otherwise, wherever PATH leads. */
const realPrograms = `ip() { /bin/ip "$@"; }; ping() { /bin/ping "$@"; };`;

/** Runs shell commands with loopback up, and resolves when they are done. `$0`, `$1`, … are the parameters. */
export async function runInNamespace(script: string, ...parameters: string[]): Promise<NamespaceRun> {
  // Its own output is the inode number; `cat` ends with the standard input.
  const whole = `${realPrograms} ip link set lo up; { ${script}; } >&2; readlink /proc/self/ns/net; exec cat`;
  // Without the Z, behind which more digits would come.
  const since = new Date().toISOString().slice(0, -1);
  const child = spawn("unshare", ["--net", "sh", "-c", whole, ...parameters], {
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = once(child, "close");
  const [line] = (await Promise.race([
    once(child.stdout, "data"),
    ended.then(() => {
      throw new Error(`the commands in a network namespace ended early: ${script}`);
    }),
  ])) as [Buffer];
  return {
    since,
    netnsInode: Number(line.toString("utf8").replace(/\D+/g, "")),
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
