/** The capabilities that README.md names are enough for every event, and each is missed by its name. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { capabilities } from "#receiver/tracing/requirements.ts";
import { canBond, makeBondPair } from "#events/bonding_lacp/provoke.ts";
import { everyEvent } from "./chosen-events.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { isDisposable } from "./kernel-note.ts";
import { writeLimitedLauncher } from "./limited-kerntel.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import type { EventLine } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";
import { runCommand, writeConfig } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

const documented = capabilities.map(({ name }) => name);
const BOND = "capsbond";

/** Where each event stands, and on what. */
function standing(reports: ReadonlyMap<string, EventLine>): Record<string, unknown> {
  return Object.fromEntries(
    [...reports].map(([name, { state, hook, reason }]) => [name, { state, hook, reason }]),
  );
}

function isHooked(reports: ReadonlyMap<string, EventLine>): boolean {
  return String(reports.get("bonding_lacp")?.["hook"]).includes("kprobe/ad_rx_machine");
}

liveTest("every event stands with the documented capabilities as it does with all of root's", async () => {
  using directory = makeTemporaryDirectory();
  // The bonding driver is a module: its types are not the kernel's own.
  const hasBond = isDisposable && canBond();
  using resources = new DisposableStack();
  if (hasBond) resources.use(makeBondPair(BOND));
  resources.use(openPerfEvents());
  const full = await shareKerntel(everyEvent);
  const launcher = writeLimitedLauncher(directory.path, documented);
  await using limited = await RunningKerntel.start({ events: everyEvent, launcher });
  for (const kerntel of hasBond ? [full, limited] : [])
    await waitUntil(
      "the hook in the bonding driver",
      async () => isHooked(await kerntel.reports()) || undefined,
    );
  const expected = standing(await full.reports());
  assert.deepEqual(standing(await limited.reports()), expected);
  assert.ok(Object.keys(expected).length >= 13);
  assert.doesNotMatch(limited.err, /EPERM|EACCES|permitted|lacks/, limited.err);
});

for (const { name, isRequired } of capabilities) {
  const title = isRequired
    ? `without ${name} alone the program names it, and nothing else, and ends with 1`
    : `without ${name} alone the kernel's log is refused with its name, and every event stands as before but memreclaim, which names it`;
  liveTest(title, async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    const launcher = writeLimitedLauncher(
      directory.path,
      documented.filter((other) => other !== name),
    );
    if (isRequired) {
      const config = writeConfig(directory.path, join(directory.path, "state"));
      const { code, err } = runCommand(launcher, ["run", "--config", config]);
      assert.equal(code, 1);
      assert.match(err, new RegExp(`^kerntel: missing ${name}: run as root or grant it; `, "m"));
      assert.deepEqual(new Set(err.match(/CAP_[A-Z_]+/g)), new Set([name]));
      return;
    }
    const full = await shareKerntel(everyEvent);
    await using limited = await RunningKerntel.start({ events: everyEvent, launcher });
    const { memreclaim, ...others } = standing(await limited.reports());
    const { memreclaim: _full, ...expected } = standing(await full.reports());
    assert.deepEqual(others, expected);
    assert.match(JSON.stringify(memreclaim), new RegExp(`"running".*does not show its symbols \\(${name},`));
    assert.match(
      readKernelLog(launcher),
      new RegExp(`BPF_KERNEL_LOG_FAILED .*EPERM.* This process lacks ${name}\\.`),
    );
  });
}

/** Debian's kernels close perf events, and with them kprobes, to all but CAP_SYS_ADMIN: README.md says so. */
function openPerfEvents(): Disposable {
  const setting = "/proc/sys/kernel/perf_event_paranoid";
  const before = readFileSync(setting, "utf8");
  if (Number(before) > 2) writeFileSync(setting, "2");
  return { [Symbol.dispose]: () => writeFileSync(setting, before) };
}

/** What the loader says of /dev/kmsg where ordinary users may not read it. */
function readKernelLog(launcher: string): string {
  const setting = "/proc/sys/kernel/dmesg_restrict";
  const before = readFileSync(setting, "utf8");
  const script = `import { followKernelLog } from "bpf-loader-napi";
    const ignore = () => {};
    try { followKernelLog({ onRecord: ignore, onOverrun: ignore, onFailed: ignore }); console.log("read"); }
    catch (error) { console.log(error.code, error.message); }
    process.exit(0);`;
  // The launcher, with Node in the place of the program.
  const start = readFileSync(launcher, "utf8").replace(/ \S+\/kerntel "\$@"$/m, ` ${process.execPath} "$@"`);
  writeFileSync(launcher, start);
  try {
    writeFileSync(setting, "1");
    const args = ["--input-type=module", "--eval", script];
    return spawnSync(launcher, args, { encoding: "utf8", cwd: import.meta.dirname }).stdout;
  } finally {
    writeFileSync(setting, before);
  }
}
