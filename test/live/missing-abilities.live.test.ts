/** A kernel that may not be asked, or that cannot answer: each start ends with one sentence. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { isHostsAlone } from "./hosts-alone.ts";
import { liveTest } from "./live-test.ts";
import { launcher, runCommand, writeConfig } from "./start-command.ts";
import { parseLines } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

liveTest("without its capabilities the program says which, for which events, and ends with 1", (context) => {
  if (isHostsAlone(context)) return;
  using directory = makeTemporaryDirectory();
  const config = writeConfig(directory.path, join(directory.path, "state"));
  const start = 'exec "$0" "$@"';
  const dropped = ["--drop=cap_bpf,cap_sys_admin", "--shell=/bin/sh", "--", "-c", start];
  const { code, err } = runCommand("capsh", [...dropped, launcher, "run", "--config", config]);
  assert.equal(code, 1);
  assert.match(
    err,
    /kerntel: missing CAP_BPF: run as root or grant it; without it these events cannot run: .*dropwatch.*oom/,
  );
  assert.match(err, /dropwatch +unsupported/);
  // What is not watched is in the log too, for whoever reads records and not stderr.
  const { out } = runCommand(launcher, ["query", "--config", config, "--json"]);
  const [coverage, ...others] = parseLines<StoredLine>(out);
  assert.deepEqual(others, []);
  assert.deepEqual(coverage?.attributes["kerntel.coverage.running"], ["blind", "coverage"]);
  const unsupported = coverage.attributes["kerntel.coverage.unsupported"] as readonly string[];
  assert.ok(unsupported.includes("dropwatch") && unsupported.includes("oom"), String(unsupported));
  const reasons = coverage.attributes["kerntel.coverage.reasons"] as readonly string[];
  assert.ok(reasons.includes("oom: missing CAP_BPF: run as root or grant it"), String(reasons));
});

liveTest("a kernel without type information is named as such, with the option it lacks", (context) => {
  if (isHostsAlone(context)) return;
  using directory = makeTemporaryDirectory();
  const config = writeConfig(directory.path, join(directory.path, "state"));
  // In a mount namespace of its own, where an empty directory covers the kernel's BTF.
  const hide = 'mount -t tmpfs none /sys/kernel/btf && exec "$0" "$@"';
  const { code, err } = runCommand("unshare", ["-m", "sh", "-c", hide, launcher, "run", "--config", config]);
  assert.equal(code, 1);
  assert.match(err, /kerntel: .*CONFIG_DEBUG_INFO_BTF.*cannot run: .*dropwatch.*oom/);
});
