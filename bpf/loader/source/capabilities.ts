/** What the process may do: capabilities(7), from /proc. */
import { readFileSync } from "node:fs";

/** In the order of the kernel's bit numbers (include/uapi/linux/capability.h). */
const names = (
  "CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE " +
  "NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN " +
  "SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE " +
  "MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE"
).split(" ");

/** Split off from CAP_SYS_ADMIN in Linux 5.8 and 5.9, which still includes them. */
const splitFromAdmin: ReadonlySet<string> = new Set(["CAP_BPF", "CAP_PERFMON", "CAP_CHECKPOINT_RESTORE"]);

/** Bit of a name as `CAP_BPF`; undefined for unknown names. */
export function capabilityBit(name: string): number | undefined {
  const bit = names.indexOf(name.replace(/^CAP_/, ""));
  return bit < 0 ? undefined : bit;
}

/** Effective capabilities as bits; undefined where /proc does not say. */
export function effectiveCapabilities(statusPath: string = "/proc/self/status"): bigint | undefined {
  let status: string;
  try {
    status = readFileSync(statusPath, "utf8");
  } catch {
    return undefined; // no /proc: the caller says that it is not known
  }
  const digits = /^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1];
  return digits === undefined ? undefined : BigInt(`0x${digits}`);
}

/** Whether these bits allow what the name stands for. */
export function hasCapability(effective: bigint, name: string): boolean {
  const isSet = (capability: string): boolean => {
    const bit = capabilityBit(capability);
    return bit !== undefined && ((effective >> BigInt(bit)) & 1n) === 1n;
  };
  return isSet(name) || (splitFromAdmin.has(name) && isSet("CAP_SYS_ADMIN"));
}

/** Those that the process surely lacks. */
export function missingCapabilities(wanted: readonly string[]): string[] {
  const effective = effectiveCapabilities();
  return effective === undefined ? [] : wanted.filter((name) => !hasCapability(effective, name));
}

/**
 * Why perf events, and with them kprobes and clocks, are closed to a process with CAP_PERFMON, as a sentence; undefined where they are not.
 * Kernels of Debian and Ubuntu have levels of kernel.perf_event_paranoid above 2, from which perf_event_open takes CAP_SYS_ADMIN alone.
 */
export function perfEventRestriction(
  levelPath: string = "/proc/sys/kernel/perf_event_paranoid",
  statusPath?: string,
): string | undefined {
  let level: number;
  try {
    level = Number(readFileSync(levelPath, "utf8"));
  } catch {
    return undefined; // a kernel without perf events says so by itself
  }
  const effective = effectiveCapabilities(statusPath);
  if (!(level > 2) || effective === undefined || hasCapability(effective, "CAP_SYS_ADMIN")) return undefined;
  return `kernel.perf_event_paranoid is ${level}: set it to 2, or grant CAP_SYS_ADMIN.`;
}
