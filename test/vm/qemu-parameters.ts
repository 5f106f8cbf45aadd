/** The machine that a guest is, as QEMU is told it. */
import { dirname } from "node:path";
import type { DebianKernel } from "./debian-kernel.ts";
import { measureClockKhz } from "./clock-frequency.ts";
import { firmwareParameter, hardwareParameters } from "./guest-hardware.ts";

export interface GuestOptions {
  readonly kernel: DebianKernel;
  /** Root file system; what the guest changes is thrown away. */
  readonly rootDisk: string;
  /** Receives what Node compiled, for the next guest (`compile-cache.ts`). */
  readonly cacheDisk?: string;
  /** For the guest's first process. */
  readonly environment: Readonly<Record<string, string>>;
  /** Receives all that the guest's kernel and tests print. */
  readonly consolePath: string;
  readonly deadlineMs: number;
  /** One CPU whose clock counts instructions, 2 ns each, so that the same work takes the same time on every host. */
  readonly isCounted?: boolean;
  /** Ends the guest at once; `runGuest` then resolves. */
  readonly signal: AbortSignal;
}

/** Descriptor 3 of QEMU is its monitor. */
export function qemuParameters(options: GuestOptions): string[] {
  const { kernel, rootDisk, cacheDisk, environment, consolePath, isCounted = false } = options;
  // Without tsc=reliable an emulated machine falls back to a slow clock.
  const system = "console=ttyS0 quiet root=/dev/nvme0n1 rw init=/init tsc=reliable mitigations=off";
  // Nothing in the background may cost instructions now and then, nor where a process lies. A clock of instructions is
  // known without measuring.
  const own = isCounted
    ? "rootflags=noinit_itable norandmaps"
    : `tsc_early_khz=${measureClockKhz(dirname(rootDisk))}`;
  // A kernel in trouble ends at once instead of at the deadline.
  const trouble = "panic=-1 oops=panic unknown_nmi_panic panic_print=5";
  // Attaching, detaching and taking namespaces apart wait for one grace period after the other.
  const haste = isCounted ? "" : "rcupdate.rcu_expedited=1";
  const firmware = isCounted ? "" : firmwareParameter;
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return [
    // KVM is left alone: it is not there where this must run.
    isCounted
      ? ["-accel", "tcg,thread=single", "-icount", "shift=1,sleep=on", "-smp", "1"]
      : ["-accel", "tcg,thread=multi", "-smp", "2"],
    ["-cpu", "max,-erms,-fsrm", "-m", "2G"],
    ["-nodefaults", "-no-user-config", "-no-reboot", "-display", "none"],
    // What is measured shall not change with what else a guest has.
    isCounted ? [] : hardwareParameters(dirname(rootDisk)),
    ["-kernel", kernel.imagePath, "-append", [system, own, trouble, haste, firmware, ...variables].join(" ")],
    // The only one that needs no module: of two, 6.12 finds either first.
    ["-drive", `file=${rootDisk},format=raw,if=none,id=root,snapshot=on,cache=unsafe`],
    ["-device", "nvme,drive=root,serial=root"],
    cacheDisk === undefined ? [] : ["-drive", `file=${cacheDisk},format=raw,if=virtio,cache=unsafe`],
    ["-serial", `file:${consolePath}`, "-serial", "stdio"],
    ["-chardev", "socket,id=monitor,fd=3", "-mon", "chardev=monitor"],
  ].flat();
}
