/** Where Kerntel keeps what must outlive it. */
import { isAbsolute, join, resolve } from "node:path";

/** The file's choice, else `KERNTEL_STATE_DIR`, else the system's place for root, else the user's (XDG). */
export function chooseStateDirectory(
  configured: string | null | undefined,
  environment: NodeJS.ProcessEnv,
  user: { readonly uid: number; readonly home: string },
): string {
  if (configured) return configured;
  const fromEnvironment = environment["KERNTEL_STATE_DIR"];
  if (fromEnvironment) return resolve(fromEnvironment);
  if (user.uid === 0) return "/var/lib/kerntel";
  const xdg = environment["XDG_STATE_HOME"];
  // A relative path there is invalid and ignored, says the XDG base directory specification.
  return join(xdg && isAbsolute(xdg) ? xdg : join(user.home, ".local/state"), "kerntel");
}
