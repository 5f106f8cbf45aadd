/** `kerntel query` is a reader: it disturbs neither the files nor the program that wants to write them. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { openLocalLog } from "#exporters/local-log/local-log.ts";
import { createUidSource } from "#exporters/local-log/uid.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { logDirectory } from "#receiver/pipeline/state-directory.ts";
import { isHostsAlone } from "./hosts-alone.ts";
import { liveTest } from "./live-test.ts";
import { parseLines, RunningKerntel, type StoredLine } from "./running-kerntel.ts";
import { launcher, writeConfig } from "./start-command.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";

const RECORDS = 3000;

liveTest("the program starts and stops while a query of the same log waits for a pager", async (context) => {
  if (isHostsAlone(context)) return;
  using directory = makeTemporaryDirectory();
  // As systemd makes it for a service with a dynamic user: a link of root's.
  const stateDirectory = join(directory.path, "kerntel");
  mkdirSync(join(directory.path, "private/kerntel"), { recursive: true, mode: 0o755 });
  symlinkSync("private/kerntel", stateDirectory);
  const log = await openLocalLog({ directory: logDirectory(stateDirectory) });
  const nextUid = createUidSource();
  await log.append(Array.from({ length: RECORDS }, () => createSampleRecord(nextUid())));
  await log.close();
  const query = spawn(
    launcher,
    ["query", "--json", "--config", writeConfig(directory.path, stateDirectory)],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  // It has opened the log, and more waits than a pipe holds: from here on it stands still until it is read.
  await once(query.stdout, "readable");
  const kerntel = await RunningKerntel.start({
    events: "      dropwatch: {}",
    stateDirectory,
  });
  assert.equal(query.exitCode, null);
  assert.equal(await kerntel.stop(), 0);
  const lines = parseLines<StoredLine>(await text(query.stdout));
  assert.equal(lines.length, RECORDS);
  if (query.exitCode === null) await once(query, "exit");
  assert.equal(query.exitCode, 0);
});
