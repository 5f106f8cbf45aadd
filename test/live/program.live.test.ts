/** Good days of the program as a whole, on the running kernel. */
import assert from "node:assert/strict";
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { dropDatagrams } from "../provoke/drop.ts";
import { assertBooksClose } from "./assertions.ts";
import { controlSocket } from "./control-socket.ts";
import { liveTest } from "./live-test.ts";
import { runKerntel } from "./run-kerntel.ts";
import { RunningKerntel } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { makeTemporaryDirectory } from "./temporary-directory.ts";
import { waitUntil } from "./wait-until.ts";

const OF_OTHERS = 0o077;
const unlimited = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }\n      oom: {}";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  liveTest(`${signal} stores what was seen, takes everything down and ends with 0`, async () => {
    await using kerntel = await RunningKerntel.start({ events: unlimited });
    assert.match(kerntel.err, /^EVENT +STATE +HOOK OR REASON\n(?:\S+ .*\n)*oom +running +tp_btf\//m);
    await dropDatagrams("udp4", 20);
    assert.equal(await kerntel.stop(signal), 0);
    assert.equal(existsSync(`/proc/${kerntel.pid}`), false);
    assert.equal(existsSync(controlSocket(kerntel.stateDirectory)), false);
    // Nobody runs now, so this reads the files.
    assert.ok((await kerntel.query("--event", "dropwatch")).length >= 20);
  });
}

liveTest("after kill -9 everything that was committed is there, and nothing twice", async () => {
  using directory = makeTemporaryDirectory();
  const stateDirectory = join(directory.path, "state");
  let before: StoredLine[];
  {
    await using kerntel = await RunningKerntel.start({ events: unlimited, stateDirectory });
    await dropDatagrams("udp4", 300);
    await assertBooksClose(kerntel, "dropwatch");
    before = await kerntel.stored({});
    await kerntel.stop("SIGKILL");
  }
  await using again = await RunningKerntel.start({ events: unlimited, stateDirectory });
  const after = await again.stored({});
  assert.deepEqual(after.slice(0, before.length), before);
  assert.equal(new Set(after.map(({ uid }) => uid)).size, after.length);
  const uids = after.map(({ uid }) => uid);
  assert.deepEqual(uids, uids.toSorted());
  await dropDatagrams("udp4", 1);
  await waitUntil("records after the restart", async () =>
    (await again.stored({})).length > after.length ? true : undefined,
  );
});

liveTest("the log is asked by event, time and number, oldest first", async () => {
  await using kerntel = await RunningKerntel.start({ events: unlimited });
  await dropDatagrams("udp4", 30);
  await assertBooksClose(kerntel, "dropwatch");
  const all = await kerntel.stored({});
  const times = all.map(({ observedTime }) => observedTime);
  assert.deepEqual(times, times.toSorted());
  assert.deepEqual(await kerntel.query("--limit", "3"), all.slice(0, 3));
  const middle = all[15]?.time ?? "";
  const since = await kerntel.query("--since", middle);
  const uids = new Set(since.map(({ uid }) => uid));
  assert.ok(all.slice(15).every(({ uid }) => uids.has(uid)));
  assert.ok(since.every(({ time }) => time.slice(0, 23) >= middle.slice(0, 23)));
  assert.deepEqual(await kerntel.query("--event", "oom"), []);
  // Other packets of this machine may be dropped meanwhile.
  assert.deepEqual((await kerntel.query("--since", "1h")).slice(0, all.length), all);
  const { out } = await runKerntel(["query", "--config", kerntel.configPath, "--limit", "1"]);
  assert.match(out, /^\d\d:\d\d:\d\d\.\d{3} +WARN +kerntel\.dropwatch +\S+ +Packet dropped/);
});

liveTest("what others may not read is the owner's alone, down to the last file", async () => {
  await using kerntel = await RunningKerntel.start({ events: unlimited });
  await dropDatagrams("udp4", 20);
  await assertBooksClose(kerntel, "dropwatch");
  assert.equal(statSync(kerntel.stateDirectory).mode & 0o777, 0o700);
  const names = readdirSync(kerntel.stateDirectory, { recursive: true, encoding: "utf8" });
  const readable = names.filter(
    (name) => (lstatSync(join(kerntel.stateDirectory, name)).mode & OF_OTHERS) !== 0,
  );
  assert.deepEqual(readable, []);
  // Cursors and at least one segment, each with its files.
  assert.ok(names.length > 10, names.join());
  const socket = statSync(controlSocket(kerntel.stateDirectory));
  const isShared = /^kerntel:/m.test(readFileSync("/etc/group", "utf8"));
  assert.equal(socket.mode & 0o777, isShared ? 0o660 : 0o600);
  assert.equal(statSync(dirname(controlSocket(kerntel.stateDirectory))).mode & 0o777, 0o750);
});

liveTest("an event that is switched off is shown as such and counts nothing", async () => {
  await using kerntel = await RunningKerntel.start({
    events: "      dropwatch: { enabled: false }\n      oom: {}",
  });
  await dropDatagrams("udp4", 5);
  const events = await kerntel.reports();
  assert.equal(events.get("dropwatch")?.state, "disabled");
  assert.equal(events.get("dropwatch")?.["seen"], 0);
  assert.equal(events.get("oom")?.state, "running");
});
