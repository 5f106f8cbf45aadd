/** Which run of the kernel this is. */
import { readFileSync } from "node:fs";

export const BOOT_ID_FILE = "/proc/sys/kernel/random/boot_id";

/** As `%pU` prints it (lib/vsprintf.c). All zeros is no UUID of anything: RFC 9562, section 5.9. */
const UUID = /^(?!0{8}-0{4}-0{4}-0{4}-0{12}$)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/**
 * The random UUID that the kernel makes once per boot (drivers/char/random.c). `undefined` where the file cannot be
 * read, as under systemd's `ProcSubset=pid`, or holds something else: an id that each process made up for itself
 * would separate records of one boot.
 */
export function readBootId(file: string = BOOT_ID_FILE): string | undefined {
  try {
    const text = readFileSync(file, "utf8").trim();
    return UUID.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
