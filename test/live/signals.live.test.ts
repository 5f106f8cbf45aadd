/** Signals at every moment: none opens a port, and SIGHUP ends the program at no time. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { onlyThese } from "./chosen-events.ts";
import { configText } from "./config-text.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { findListeningPorts } from "./listening-ports.ts";
import { liveTest } from "./live-test.ts";
import { runKerntel } from "./run-kerntel.ts";
import { findFreePort, RunningKerntel } from "./running-kerntel.ts";
import { launcher, runCommand } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

/** Those that end any program, or say that it has failed; and SIGSTOP and its like, after which SIGCONT follows. */
const ending: ReadonlySet<string> = new Set(
  "SIGKILL SIGINT SIGTERM SIGQUIT SIGILL SIGTRAP SIGABRT SIGIOT SIGBUS SIGFPE SIGSEGV SIGSYS SIGUSR2 SIGALRM SIGSTKFLT SIGVTALRM SIGPROF SIGXCPU SIGIO SIGPOLL SIGPWR".split(
    " ",
  ),
);

liveTest("no signal that leaves the program running opens a port", async (context) => {
  if (isHostsAlone(context)) return;
  await using kerntel = await RunningKerntel.start({ events: "      oom: {}" });
  const configured = [Number(new URL(kerntel.metricsUrl).port)];
  assert.deepEqual(findListeningPorts(kerntel.pid), configured);
  const sent = Object.keys(constants.signals).filter((signal) => !ending.has(signal)) as NodeJS.Signals[];
  assert.ok(sent.includes("SIGUSR1") && sent.includes("SIGHUP") && sent.length > 8, sent.join());
  for (const signal of sent) {
    process.kill(kerntel.pid, signal);
    process.kill(kerntel.pid, "SIGCONT");
    // It answers, so it has taken the signal.
    await kerntel.reports();
    assert.deepEqual(findListeningPorts(kerntel.pid), configured, signal);
  }
  // Node would open its debugger in a thread, some time after the signal: it must not even be delivered.
  const isBlocked = /^SigBlk:\s+0*200$/m.test(readFileSync(`/proc/${kerntel.pid}/status`, "utf8"));
  assert.ok(isBlocked, "SIGUSR1 is blocked");
});

liveTest(
  "a debugger that the environment is to open is not opened, and a sentence says why",
  async (context) => {
    if (isHostsAlone(context)) return;
    const { code, err } = await runKerntel(["help"], { NODE_OPTIONS: "--inspect=127.0.0.1:0" });
    assert.equal(code, 0);
    assert.equal(err, "kerntel: root ignores variables that choose code or files: NODE_OPTIONS\n");
  },
);

liveTest("a debugger that was opened beside the launcher is refused with a sentence", (context) => {
  if (isHostsAlone(context)) return;
  const main = join(import.meta.dirname, "../../receiver/main.ts");
  const { code, err } = runCommand(process.execPath, ["--inspect=127.0.0.1:0", main, "run"]);
  assert.equal(code, 1);
  assert.match(
    err,
    /kerntel: Node's debugger listens on ws:.* start it without --inspect, also in NODE_OPTIONS\n/,
  );
});

function ignoresHangup(pid: number): boolean {
  const mask = /^SigIgn:\s+(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return (Number.parseInt(mask.slice(-1), 16) & 1) === 1;
}

liveTest(
  "SIGHUP all through the start and the stop ends nothing, and the newest configuration is in force",
  async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    const [state, config] = [join(directory.path, "state"), join(directory.path, "kerntel.yaml")];
    const port = await findFreePort();
    const write = (events: string): void => {
      writeFileSync(config, configText(state, port, onlyThese(events), ""));
    };
    write("      oom: {}");
    const child = spawn(launcher, ["run", "--config", config], { stdio: ["ignore", "ignore", "pipe"] });
    context.after(() => child.kill("SIGKILL"));
    let err = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      err += text;
    });
    const ended = new Promise((resolve) => {
      child.once("close", (code, signal) => {
        resolve(code ?? signal);
      });
    });
    const { pid = 0 } = child;
    // The first line of the launcher; what comes before is the shell's own start.
    await waitUntil("the launcher", () => ignoresHangup(pid) || undefined, { pauseMs: 0 });
    const sending = setInterval(() => child.kill("SIGHUP"), 1);
    context.after(() => {
      clearInterval(sending);
    });
    // By then the configuration was read.
    await waitUntil(
      "the local log",
      () =>
        existsSync(join(state, "log")) || child.exitCode !== null || child.signalCode !== null || undefined,
    );
    clearInterval(sending);
    assert.equal(child.signalCode ?? child.exitCode, null, err);
    write("      oom: { enabled: false }\n      dropwatch: {}");
    child.kill("SIGHUP");
    await waitUntil(
      () => `the program to be ready, got ${err}`,
      () => err.includes("kerntel: ready\n") || undefined,
    );
    assert.match(err, /configuration read again, changed: .*(?:\n.*)*kerntel: ready\n/);
    const { out } = await runKerntel(["events", "--config", config, "--json"]);
    const states = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { name: string; state: string });
    assert.equal(states.find(({ name }) => name === "oom")?.state, "disabled");
    assert.equal(states.find(({ name }) => name === "dropwatch")?.state, "running");

    child.kill("SIGTERM");
    const stopping = setInterval(() => child.kill("SIGHUP"), 1);
    assert.equal(await ended, 0);
    clearInterval(stopping);
  },
);
