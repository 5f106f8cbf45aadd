/** What attackers are in the tests of this folder: users without privileges, bounded, and gone afterwards. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { liveTest } from "../live/live-test.ts";
import { UnprivilegedUser } from "./unprivileged-user.ts";

const read = (name: string): RegExp => new RegExp(`^${name}:[ \\t]*(.*)$`, "gm");

liveTest("a hostile user has no capability, gains none, and owns just its own cgroup", async () => {
  await using user = await UnprivilegedUser.enter();
  const status = (await user.run(["cat", "/proc/self/status"]).ended).out;
  const values = (name: string): string[] => [...status.matchAll(read(name))].map(([, value]) => value ?? "");
  assert.deepEqual(values("Uid"), ["65534\t65534\t65534\t65534"]);
  assert.deepEqual(values("Groups"), [""]);
  assert.deepEqual(new Set(values("Cap(?:Inh|Prm|Eff|Bnd|Amb)")), new Set(["0000000000000000"]));
  assert.deepEqual(values("NoNewPrivs"), ["1"]);
  for (const { directory, version } of user.delegated) {
    const script = 'mkdir "$1/mine" && echo $$ >"$1/mine/cgroup.procs" && cat /proc/self/cgroup';
    const { code, out, err } = await user.shell(script, { args: [directory] }).ended;
    assert.equal(code, 0, `${directory}: ${err}`);
    assert.match(out, new RegExp(`:${user.cgroupPath}/mine$`, "m"), `version ${version}`);
    const above = await user.shell('mkdir "$1/../theirs"', { args: [directory] }).ended;
    assert.match(above.err, /Permission denied/);
    const limit = await user.shell('echo 1000 >"$1/pids.max"', { args: [directory] }).ended;
    assert.notEqual(limit.code, 0);
  }
});

liveTest("a hostile user makes user namespaces, and is root in there alone", async () => {
  await using user = await UnprivilegedUser.enter();
  await user.requireUserNamespaces();
  const { out } = await user.run(["unshare", "-U", "-r", "-n", "sh", "-c", "id -u; cat /proc/self/uid_map"])
    .ended;
  assert.match(out, /^0\n\s*0\s+65534\s+1\n$/);
});

liveTest("processes and time of a hostile user are bounded, and nothing of it is left", async () => {
  let directories: readonly string[] = [];
  {
    await using user = await UnprivilegedUser.enter({ processes: 20 });
    directories = [user.home, ...user.delegated.map(({ directory }) => directory)];
    const snippet = "const added: number = Number(process.argv[1]); console.log(process.getuid() + added)";
    const counted = await user.node(snippet, { args: ["1"] }).ended;
    assert.equal(counted.out, "65535\n", counted.err);
    // Of a session of its own, with a cgroup further down: only the end of the user reaches it.
    const escape =
      'mkdir -p "$1/a/b" && echo $$ >"$1/a/b/cgroup.procs" && exec setsid sleep 600 >/dev/null 2>&1';
    user.shell(escape, { args: [user.delegated[0]?.directory ?? ""] });
    const bomb = user.shell("for each in $(seq 100); do sleep 600 & done; wait", { limitMs: 1_000 });
    const { isTimedOut, err } = await bomb.ended;
    assert.match(err, /fork/i);
    assert.equal(isTimedOut, true);
  }
  assert.deepEqual(directories.filter(existsSync), []);
});
