/** A command of Kerntel's, as a user gives it. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { launcher as ownLauncher } from "./start-command.ts";

export interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs a command to its end. */
export async function runKerntel(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  launcher: string = ownLauncher,
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await promisify(execFile)(launcher, [...args], {
      env: { ...process.env, ...environment },
      maxBuffer: 1 << 28,
    });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number | null; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}
