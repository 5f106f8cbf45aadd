/** A process is killed for real, and everything that a user was promised about it is looked up. */
import assert from "node:assert/strict";
import { provokeMachineOom } from "./provoke-machine.ts";
import { OOM_LIMIT_BYTES, provokeOom } from "./provoke.ts";
import type { Killed } from "./provoke.ts";
import { assertBooksClose, assertDeclared, assertMetricsDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { OtlpReceiver } from "#test/live/otlp-receiver.ts";
import { RunningKerntel, parseLines, readMetric } from "#test/live/running-kerntel.ts";
import type { StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { scaleDeadline, waitUntil } from "#test/live/wait-until.ts";

/** Only what this test provoked: others may be killed on this machine meanwhile. */
async function findKill(kerntel: RunningKerntel, killed: Killed): Promise<StoredLine> {
  return waitUntil("the kill in the local log", async () =>
    (await kerntel.look({ event: "kerntel.oom", container: killed.containerId })).at(-1),
  );
}

function sections(receiver: OtlpReceiver): string {
  return `logger_provider:
  processors:
    - batch:
        schedule_delay: 50
        exporter:
          otlp_http:
            endpoint: ${receiver.url("/v1/logs")}
            compression: gzip
    - batch:
        schedule_delay: 50
        exporter:
          otlp_http:
            endpoint: ${receiver.url("/v1/logs")}
            encoding: json
            name: as_json
meter_provider:
  readers:
    - pull: { exporter: { prometheus/development: { host: 127.0.0.1, port: PROMETHEUS_PORT } } }
    - periodic: { interval: ${scaleDeadline(200)}, exporter: { otlp_http: { endpoint: "${receiver.url("/v1/metrics")}", encoding: json } } }
`;
}

liveTest(
  "a kill at a memory limit is one line, one stored record, one count and one OTLP record",
  async (context) => {
    await using receiver = await OtlpReceiver.start();
    await using kerntel = await RunningKerntel.start({
      events: "      oom: {}",
      sections: sections(receiver),
      args: ["--json"],
    });
    const before = Date.now();
    const killed = await provokeOom();
    assert.equal(killed.signal, "SIGKILL");

    const stored = await findKill(kerntel, killed);
    assert.equal(stored.event, "kerntel.oom");
    assert.equal(stored.severity, 17);
    assert.equal(stored.resource["container.id"], killed.containerId);
    assert.match(stored.body, new RegExp(`killed tail \\(${killed.pid}\\)`));
    assert.ok(Date.parse(stored.time) >= before && Date.parse(stored.time) <= Date.now());
    assert.ok(stored.observedTime >= stored.time);
    assert.match(stored.time, /T\d\d:\d\d:\d\d\.\d{9}Z$/);
    assertVictim(stored, killed);
    assertDeclared([stored]);

    const printed = await waitUntil("the record on stdout", () =>
      parseLines<StoredLine>(kerntel.out).find(({ uid }) => uid === stored.uid),
    );
    assert.deepEqual(printed, stored);
    assert.match(
      kerntel.err,
      new RegExp(`kerntel\\.oom +${killed.containerId.slice(0, 12)} +Out of memory: killed tail`),
    );

    const kills = readMetric(await kerntel.metrics(), "kerntel_oom_kills_total");
    const books = await assertBooksClose(kerntel, "oom");
    assert.deepEqual([...kills], [["", Number(books["seen"]) - Number(books["filtered"])]]);

    await assertReceived(receiver, stored);
    noteKernel(context, "oom", "provoked", "a process that outgrows its memory cgroup");
  },
);

liveTest("a shortage of the whole machine is told from one of a cgroup", async (context) => {
  if (!isDisposable) {
    context.skip("NOT TESTED: only a virtual machine may kill any process");
    return;
  }
  const kerntel = await shareKerntel("      oom: {}");
  // Both kernels of virtual machines have kprobes, and only this hook knows such a constraint.
  assert.match(String((await kerntel.reports()).get("oom")?.["hook"]), /kprobe\/out_of_memory/);
  const { pid, signal } = await provokeMachineOom();
  assert.equal(signal, "SIGKILL");
  const { attributes } = await waitUntil("the kill in the local log", async () =>
    (await kerntel.look({ event: "kerntel.oom" })).find((line) => line.attributes["process.pid"] === pid),
  );
  assert.equal(attributes["kerntel.oom.constraint"], "none");
  assert.equal(attributes["kerntel.oom.action"], "kill");
  assert.equal(attributes["kerntel.oom.victim.oom_score_adj"], 1000);
  assert.equal(attributes["kerntel.memory_cgroup.path"], undefined);
  assert.match(String(attributes["kerntel.trigger.thread.name"]), /^kworker/);
  noteKernel(context, "oom", "provoked", "a shortage of the whole machine");
});

function assertVictim({ attributes }: StoredLine, killed: Killed): void {
  const number = (name: string): number => Number(attributes[`kerntel.oom.${name}`]);
  assert.equal(attributes["process.pid"], killed.pid);
  assert.equal(attributes["thread.name"], "tail");
  assert.equal(attributes["error.type"], "oom_kill");
  assert.equal(attributes["kerntel.attribution"], "path");
  assert.equal(attributes["kerntel.victim.cgroup.path"], killed.cgroupPath);
  assert.equal(attributes["kerntel.memory_cgroup.path"], killed.cgroupPath);
  assert.equal(attributes["kerntel.trigger.process.pid"], killed.pid);
  assert.equal(attributes["kerntel.trigger.cgroup.path"], killed.cgroupPath);
  assert.equal(attributes["kerntel.oom.constraint"], "memcg");
  assert.equal(attributes["kerntel.oom.action"], "kill");
  assert.equal(attributes["kerntel.memory_cgroup.limit"], OOM_LIMIT_BYTES);
  const usage = Number(attributes["kerntel.memory_cgroup.usage"]);
  assert.ok(usage > OOM_LIMIT_BYTES * 0.9 && usage <= OOM_LIMIT_BYTES);
  assert.ok(number("victim.memory.anonymous") > OOM_LIMIT_BYTES / 2);
  assert.ok(number("victim.memory.anonymous") <= OOM_LIMIT_BYTES);
  assert.ok(number("victim.memory.file") > 0 && number("victim.memory.file") < OOM_LIMIT_BYTES);
  assert.ok(number("victim.memory.page_tables") > 0);
  assert.ok(number("victim.memory.virtual") > number("victim.memory.anonymous"));
  assert.equal(number("victim.memory.swap") >= 0, true);
  assert.equal(number("victim.oom_score_adj"), 0);
  assert.match(String(attributes["code.stacktrace"]), /^mark_oom_victim\+.*\n__oom_kill_process\+/);
}

async function assertReceived(receiver: OtlpReceiver, stored: StoredLine): Promise<void> {
  // Two destinations, one binary and one JSON, each with its own cursor.
  const received = await waitUntil("both OTLP copies", () => {
    const copies = receiver.records.filter(({ attributes }) => attributes["log.record.uid"] === stored.uid);
    return copies.length >= 2 ? copies : undefined;
  });
  assert.equal(received.length, 2);
  const types = new Set(
    receiver.requests.filter(({ path }) => path === "/v1/logs").map(({ contentType }) => contentType),
  );
  assert.deepEqual([...types].sort(), ["application/json", "application/x-protobuf"]);
  for (const copy of received) {
    assert.equal(copy.eventName, "kerntel.oom");
    assert.equal(copy.severityNumber, 17);
    assert.equal(copy.body, stored.body);
    assert.equal(copy.timeUnixNano, toUnixNano(stored.time));
    assert.equal(copy.observedTimeUnixNano, toUnixNano(stored.observedTime));
    assert.deepEqual(copy.resource, stored.resource);
    assert.deepEqual(copy.attributes, { ...stored.attributes, "log.record.uid": stored.uid });
  }
  const metrics = await waitUntil("metrics by OTLP", () =>
    receiver.metrics.find((body) => JSON.stringify(body).includes('"kerntel.oom.kills"')),
  );
  assertMetricsDeclared(metrics);
}

function toUnixNano(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1_000}${time.slice(20, 29)}`;
}
