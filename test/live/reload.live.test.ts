/** SIGHUP: thresholds and sources of containers change while the events go on watching. */
import assert from "node:assert/strict";
import { dropDatagrams } from "../provoke/drop.ts";
import { FakeDocker } from "../provoke/fake-docker.ts";
import { provokeOom } from "#events/oom/provoke.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel, readMetric } from "./running-kerntel.ts";
import type { EventLine, StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

function settings(text: string): string {
  return `      dropwatch: { window_seconds: 0, ${text} }`;
}

async function dropwatch(kerntel: RunningKerntel): Promise<EventLine> {
  return (await kerntel.reports()).get("dropwatch") as EventLine;
}

async function dropUntil(
  what: string,
  kerntel: RunningKerntel,
  isMet: (line: EventLine) => boolean,
): Promise<void> {
  await waitUntil(what, async () => {
    await dropDatagrams("udp4", 20);
    return isMet(await dropwatch(kerntel)) || undefined;
  });
}

liveTest("a limit changes without a new start, and an event can be switched off and on", async () => {
  await using kerntel = await RunningKerntel.start({ events: settings("limit_per_second: 1") });
  const { since } = await dropwatch(kerntel);
  await dropUntil("drops over the limit", kerntel, ({ suppressed }) => Number(suppressed) > 0);

  await kerntel.reload(settings("limit_per_second: 0"));
  assert.match(kerntel.err, /configuration read again, changed: dropwatch\n/);
  const { suppressed } = await dropwatch(kerntel);
  const { stored } = await dropwatch(kerntel);
  await dropUntil("drops without a limit", kerntel, (line) => Number(line["stored"]) > Number(stored) + 20);
  const unlimited = await dropwatch(kerntel);
  assert.equal(unlimited["suppressed"], suppressed);
  assert.equal(unlimited["since"], since);

  await kerntel.reload(settings("limit_per_second: nought"));
  assert.match(kerntel.err, /old one stays in force: .*limit_per_second/);
  assert.equal((await dropwatch(kerntel)).state, "running");

  await kerntel.reload(settings("enabled: false"));
  assert.equal((await dropwatch(kerntel)).state, "disabled");
  await kerntel.reload(settings("enabled: true"));
  assert.equal((await dropwatch(kerntel)).state, "running");
});

async function killContainer(kerntel: RunningKerntel): Promise<StoredLine> {
  const { containerId } = await provokeOom((id) => `/kerntel-test-${process.pid}/docker/${id}`);
  return waitUntil("the kill in the local log", async () =>
    (await kerntel.look({ event: "kerntel.oom", container: containerId })).at(0),
  );
}

function ask({ socket }: FakeDocker): string {
  return `      wait_ms: 10000\n      container_labels: [team]\n      docker: { socket: ${socket} }`;
}

async function countQuestions(kerntel: RunningKerntel): Promise<Record<"answered" | "failed", unknown>> {
  const questions = readMetric(await kerntel.metrics(), "kerntel_container_lookups_total");
  const of = (answer: string): unknown =>
    questions.get(`{kerntel_container_source="docker",kerntel_container_lookup_result="${answer}"}`);
  return { answered: of("answered"), failed: of("failed") };
}

liveTest("another source of containers is asked at once, and a wrong one leaves the old one", async () => {
  using one = await FakeDocker.start("one");
  using two = await FakeDocker.start("two");
  const events = "      oom: {}";
  await using kerntel = await RunningKerntel.start({ events, containers: ask(one) });
  const before = await killContainer(kerntel);
  assert.equal(before.resource["container.name"], "one");
  const { since } = (await kerntel.reports()).get("oom") as EventLine;

  await kerntel.reload(events, ask(two));
  assert.match(kerntel.err, /configuration read again, changed: containers\n/);
  const { asked } = one;
  const after = await killContainer(kerntel);
  assert.equal(after.resource["container.name"], "two");
  assert.equal(after.resource["container.label.team"], "checkout");
  assert.equal(after.attributes["kerntel.attribution"], "resolved");
  assert.equal(one.asked, asked);

  await kerntel.reload(events, "      wait_ms: 0\n      docker: { socket: 7 }");
  assert.match(kerntel.err, /old one stays in force: .*socket/);
  const { connections } = two;
  assert.equal((await killContainer(kerntel)).resource["container.name"], "two");
  assert.equal(two.connections, connections);

  const questions = await countQuestions(kerntel);
  assert.deepEqual([Number(questions.answered) > 2, questions.failed], [true, 0]);
  await kerntel.reload(events, "      docker: { enabled: false }");
  const last = await killContainer(kerntel);
  assert.deepEqual(
    [last.resource["container.name"], last.attributes["kerntel.attribution"]],
    [undefined, "path"],
  );
  assert.deepEqual(await countQuestions(kerntel), questions);
  assert.equal((await kerntel.reports()).get("oom")?.["since"], since);
});
