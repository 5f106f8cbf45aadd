/** What a user without privileges, a member of the group `kerntel`, and root's environment may do to the receiver. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { text as readText } from "node:stream/consumers";
import { controlSocket } from "../live/control-socket.ts";
import { isHostsAlone } from "../live/hosts-alone.ts";
import { liveTest } from "../live/live-test.ts";
import { RunningKerntel } from "../live/running-kerntel.ts";
import { launcher } from "../live/start-command.ts";
import { makeTemporaryDirectory } from "../live/temporary-directory.ts";
import { waitUntil } from "../live/wait-until.ts";
import { dropDatagrams } from "../provoke/drop.ts";
import { ChosenCode } from "./chosen-code.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const events = "      dropwatch: { limit_per_second: 0, window_seconds: 0 }";
const GROUP = 54_399;
const MEMBER = 54_398;

/** Opens each path, and connects to the socket; prints what succeeded. */
const tryAll = `
import { closeSync, openSync, readdirSync } from "node:fs";
import { connect } from "node:net";
const [socket, ...paths] = process.argv.slice(1);
const done = [];
for (const path of paths) {
  try { closeSync(openSync(path, "r")); done.push(path); } catch {}
  try { readdirSync(path); done.push(path); } catch {}
}
const connection = connect(socket);
connection.on("connect", () => { done.push("connected"); end(); }).on("error", ({ code }) => end(code));
function end(code) { console.log(JSON.stringify({ done, code })); process.exit(0); }`;

liveTest(
  "a user without privileges reads nothing below the state directory and cannot connect to the control socket",
  async (context) => {
    if (isHostsAlone(context)) return;
    using directory = makeTemporaryDirectory();
    // Open, so that the state directory has to protect itself.
    chmodSync(directory.path, 0o755);
    const stateDirectory = join(directory.path, "state");
    await using user = await UnprivilegedUser.enter();
    await using kerntel = await RunningKerntel.start({ events, stateDirectory });
    await dropDatagrams("udp4", 20);
    await waitUntil("a record", async () => (await kerntel.stored({})).at(0));
    const names = readdirSync(stateDirectory, { recursive: true, encoding: "utf8" });
    const paths = [stateDirectory, ...names.map((name) => join(stateDirectory, name))];
    assert.ok(paths.length > 10, paths.join());
    const socket = controlSocket(stateDirectory);
    assert.ok(lstatSync(socket).isSocket());
    const { out } = await user.node(tryAll, { args: [socket, ...paths] }).ended;
    assert.deepEqual(JSON.parse(out), { done: [], code: "EACCES" });
    // Neither may the user make the receiver read its configuration again.
    const { code } = await user.shell('kill -HUP "$1"', { args: [`${kerntel.pid}`] }).ended;
    assert.notEqual(code, 0);
  },
);

/** As the member sees it: status and body, or the error. */
const askAs = `
const [socketPath, method, path] = process.argv.slice(1);
require("node:http").request({ socketPath, path, method, agent: false }, (response) => {
  let text = "";
  response.on("data", (part) => (text += part)).on("end", () => console.log(JSON.stringify([response.statusCode, text])));
}).on("error", ({ code }) => console.log(JSON.stringify([code, ""]))).end();`;

function askAsMember(groups: string, ...args: readonly string[]): readonly [unknown, string] {
  const become = [`--reuid=${MEMBER}`, `--regid=${MEMBER}`, groups, "--no-new-privs", "--bounding-set=-all"];
  const node = [process.execPath, "--eval", askAs, "--", ...args];
  const { stdout, stderr } = spawnSync("setpriv", [...become, ...node], { encoding: "utf8" });
  return JSON.parse(stdout || `["${stderr.trim()}", ""]`) as [unknown, string];
}

liveTest("a member of the group kerntel reads records and status, and reload is root's", async (context) => {
  if (isHostsAlone(context)) return;
  using directory = makeTemporaryDirectory();
  const [groupFile, start] = [join(directory.path, "group"), join(directory.path, "kerntel")];
  const others = readFileSync("/etc/group", "utf8").replace(/^kerntel:.*\n/m, "");
  writeFileSync(groupFile, `${others}kerntel:x:${GROUP}:\n`);
  // The group of this receiver alone.
  writeFileSync(
    start,
    `#!/bin/sh\nexec unshare --mount sh -c 'mount --bind "$0" /etc/group && exec "$@"' ${groupFile} ${launcher} "$@"\n`,
    { mode: 0o755 },
  );
  await using kerntel = await RunningKerntel.start({ events, launcher: start });
  const socket = controlSocket(kerntel.stateDirectory);
  const { mode, gid } = lstatSync(socket);
  assert.deepEqual([mode & 0o777, gid], [0o660, GROUP]);
  await dropDatagrams("udp4", 5);
  await waitUntil("a record", async () => (await kerntel.stored({})).at(0));

  const member = `--groups=${GROUP}`;
  const [status, reports] = askAsMember(member, socket, "GET", "/events");
  assert.equal(status, 200);
  assert.match(reports, /"name":"dropwatch"/);
  assert.match(askAsMember(member, socket, "GET", "/query")[1], /kerntel\.dropwatch/);
  assert.equal(askAsMember("--clear-groups", socket, "GET", "/events")[0], "EACCES");
  const refusal = "/reload is for root alone, and the user that the receiver runs as";
  assert.deepEqual(askAsMember(member, socket, "POST", "/reload"), [403, refusal]);
  assert.doesNotMatch(kerntel.err, /configuration read again/);

  for (const [method, answer] of [
    ["GET", 405],
    ["POST", 200],
  ] as const) {
    const asked = request({ socketPath: socket, path: "/reload", method, agent: false }).end();
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    await readText(response);
    assert.equal(response.statusCode, answer);
  }
  await waitUntil(
    "root's reload",
    () => kerntel.err.includes("configuration read again, nothing changed") || undefined,
  );
});

liveTest("no variable of the environment has root's receiver run another's code", async (context) => {
  if (isHostsAlone(context)) return;
  using directory = makeTemporaryDirectory();
  const chosen = new ChosenCode(directory.path);
  const names = Object.keys(chosen.variables);
  const dangerous = names.filter((name) => chosen.isDangerous(name));
  context.diagnostic(`dangerous without the launcher: ${dangerous.join(", ")}`);
  // The loader stopped obeying its own.
  assert.deepEqual(
    dangerous,
    names.filter((name) => name !== "BPF_LOADER_ADDON"),
  );
  const start = join(directory.path, "kerntel");
  const exported = Object.entries(chosen.variables).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(start, `#!/bin/sh\n${exported.join("")}exec ${launcher} "$@"\n`, { mode: 0o755 });
  {
    await using kerntel = await RunningKerntel.start({ events, launcher: start });
    await dropDatagrams("udp4", 20);
    await waitUntil("a record", async () => (await kerntel.stored({})).at(0));
    const [said = ""] = kerntel.err.split("\n");
    assert.match(said, /^kerntel: root ignores variables that choose code or files: /);
    for (const name of names) assert.ok(said.includes(` ${name}`), said);
  }
  assert.deepEqual(chosen.traces(), []);
});
