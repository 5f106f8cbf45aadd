/** A terminal that a user stops with Ctrl-S stops its lines, and nothing else. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { askRunning } from "#receiver/control/client.ts";
import { dropDatagrams } from "../provoke/drop.ts";
import { onlyThese } from "./chosen-events.ts";
import { configText } from "./config-text.ts";
import { controlSocket } from "./control-socket.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { liveTest } from "./live-test.ts";
import { findFreePort, readMetric } from "./running-kerntel.ts";
import { launcher } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

liveTest(
  "while the terminal is stopped, events are stored, metrics are scraped and lines are counted",
  async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    const [state, config] = [join(directory.path, "state"), join(directory.path, "kerntel.yaml")];
    const [pidPath, codePath] = [join(directory.path, "pid"), join(directory.path, "code")];
    const port = await findFreePort();
    const events = onlyThese("      dropwatch: { limit_per_second: 0, window_seconds: 0 }");
    writeFileSync(config, configText(state, port, events, ""));
    const command = `read go; sh -c 'echo $$ >"$1"; exec "$2" run --json --config "$3"' sh "${pidPath}" "${launcher}" "${config}"; echo $? >"${codePath}"`;
    const terminal = spawn("script", ["--quiet", "--command", command, "/dev/null"], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    context.after(() => terminal.kill("SIGKILL"));
    const shown = readText(terminal.stdout);
    // Ctrl-S: the terminal is stopped before the program starts, and never shows anything until Ctrl-Q.
    terminal.stdin.write("go\n\u0013");
    const ask = (path: string, query = {}): Promise<string[]> =>
      Array.fromAsync(askRunning([controlSocket(state)], { path, query }));
    await waitUntil("dropwatch to run", async () =>
      existsSync(controlSocket(state)) &&
      (await ask("/events")).some((line) => /"dropwatch".*"running"/.test(line))
        ? true
        : undefined,
    );
    const readDropped = async (): Promise<number> => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`);
      return (
        readMetric(await response.text(), "kerntel_console_dropped_total").get('{log_iostream="stdout"}') ?? 0
      );
    };
    const dropped = await waitUntil("lines that are dropped", async () => {
      await dropDatagrams("udp4", 300);
      return (await readDropped()) || undefined;
    });
    const before = (await ask("/query")).length;
    await dropDatagrams("udp4", 100);
    await waitUntil("events in the log", async () =>
      (await ask("/query")).length >= before + 100 ? true : undefined,
    );
    await waitUntil("these lines to be counted", async () =>
      (await readDropped()) >= dropped + 100 ? true : undefined,
    );

    process.kill(Number(readFileSync(pidPath, "utf8")), "SIGTERM");
    // It is read late, but before the program gives up.
    await waitUntil("the end of the socket", () => !existsSync(controlSocket(state)) || undefined);
    terminal.stdin.write("\u0011");
    const code = await waitUntil(
      "the exit code",
      () => (existsSync(codePath) ? readFileSync(codePath, "utf8") : "") || undefined,
    );
    assert.equal(code, "0\n");
    assert.match(await shown, /kerntel: \d+ lines for stdout lost: they were not read in time/);
  },
);
