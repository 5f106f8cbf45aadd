/** Packets wait for real on loopback; each is told by its port. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { dropDatagrams } from "#test/provoke/drop.ts";
import { provokeSlowReader } from "./provoke.ts";
import type { Waited } from "./provoke.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { isDisposable, noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { scaleDeadline, waitUntil } from "#test/live/wait-until.ts";

const standard = "      net_rx_latency: { limit_per_second: 0 }";
/** Far above the threshold, and what a process needs to fall asleep besides. */
const delayMs = 300 + scaleDeadline(100);

function read({ attributes }: StoredLine, name: string): unknown {
  return attributes[/^(?:stage|clock)$/.test(name) ? `kerntel.net_rx_latency.${name}` : name];
}

async function find(kerntel: RunningKerntel, port: number, stage: string): Promise<StoredLine> {
  return waitUntil(`a packet to port ${port} that came late ${stage}`, async () =>
    (await kerntel.look({ event: "kerntel.net_rx_latency" })).find(
      (line) => line.attributes["destination.port"] === port && read(line, "stage") === stage,
    ),
  );
}

function assertReader(line: StoredLine, { pid, containerId, cgroupPath }: Waited): void {
  assert.equal(line.resource["container.id"], containerId);
  assert.equal(read(line, "kerntel.cgroup.path"), cgroupPath);
  assert.equal(line.attributes["process.pid"], pid);
  assert.match(String(line.attributes["thread.name"]), /^node/);
  assert.equal(line.severity, 13);
}

const ways = [
  { transport: "tcp", host: "127.0.0.1", type: "ipv4" },
  { transport: "tcp", host: "::1", type: "ipv6" },
  { transport: "udp", host: "127.0.0.1", type: "ipv4" },
  { transport: "udp", host: "::1", type: "ipv6" },
] as const;

for (const { transport, host, type } of ways) {
  liveTest(`a slow reader of ${transport} over ${type} is reported with its container`, async (context) => {
    const kerntel = await shareKerntel(standard);
    if (transport === "udp" && /datagrams are not measured on the way to their reader/.test(kerntel.err)) {
      context.skip("this kernel lets us hook no place where datagrams are read");
      return;
    }
    const waited = await provokeSlowReader({ transport, host, delayMs });
    const line = await find(kerntel, waited.port, "to_user");
    assertReader(line, waited);
    const exact = {
      "network.transport": transport,
      "network.type": type,
      "source.address": host,
      "destination.address": host,
      clock: "real",
      "kerntel.threshold": 0.115,
    };
    for (const [name, value] of Object.entries(exact)) assert.equal(read(line, name), value, name);
    const latencyMs = Number(read(line, "kerntel.duration")) * 1e3;
    assert.ok(latencyMs >= 115 && latencyMs < 600_000, `${latencyMs} ms`);
    assert.ok(
      Number(read(line, "kerntel.packet.length")) > 0 &&
        Number(read(line, "kerntel.network.namespace.inode")) > 0,
    );
    if (transport === "tcp") {
      assert.equal(read(line, "network.connection.state"), "established");
      assert.equal(read(line, "kerntel.socket.user.id"), process.getuid?.());
      assert.ok(Number(read(line, "kerntel.tcp.sequence")) > 0);
    }
    assertDeclared([line]);
    noteKernel(context, "net_rx_latency", "provoked", `a slow reader of ${transport} over ${type}`);
  });
}

liveTest(
  "thresholds change while it watches, and the stages below the reader are measured too",
  async (context) => {
    const kerntel = await shareKerntel(standard);
    const since = (await kerntel.reports()).get("net_rx_latency")?.["since"];
    // No machine is so quick: each packet is late then, also those of others.
    await shareKerntel(
      "      net_rx_latency: { limit_per_second: 0, to_stack_threshold_ms: 0.001, to_transport_threshold_ms: 0.001 }",
    );
    const tcp = await provokeSlowReader({ transport: "tcp", host: "127.0.0.1", delayMs: 1 });
    const udp = await provokeSlowReader({ transport: "udp", host: "::1", delayMs: 1 });
    const lines = [
      await find(kerntel, tcp.port, "to_stack"),
      await find(kerntel, tcp.port, "to_transport"),
      await find(kerntel, udp.port, "to_stack"),
    ];
    if (!/datagrams are not measured on the way to their socket/.test(kerntel.err))
      lines.push(await find(kerntel, udp.port, "to_transport"));
    await shareKerntel("      net_rx_latency: { limit_per_second: 1 }");
    const [stack, transport, , udpTransport] = lines;
    assert.ok(stack !== undefined && transport !== undefined);
    assert.equal(stack.attributes["network.interface.name"], "lo");
    assert.equal(transport.resource["container.id"], tcp.containerId);
    if (udpTransport !== undefined) assert.equal(udpTransport.resource["container.id"], udp.containerId);
    for (const line of lines) {
      const latencyS = Number(read(line, "kerntel.duration"));
      assert.ok(latencyS >= 1e-6 && latencyS < 60, `${latencyS} s`);
      assert.equal(read(line, "kerntel.threshold"), 1e-6);
      assert.equal(line.attributes["process.pid"], undefined);
    }
    assertDeclared(lines);
    assert.equal((await kerntel.reports()).get("net_rx_latency")?.["since"], since);
    noteKernel(context, "net_rx_latency", "provoked", "all three stages of TCP and UDP");
  },
);

liveTest(
  "a clock that is set makes no packet late, and those after it are measured right",
  async (context) => {
    if (!isDisposable) {
      context.skip("sets the clock: only in a virtual machine");
      return;
    }
    const kerntel = await shareKerntel(standard);
    const stepS = 90;
    for (const step of [stepS, -stepS]) {
      const seconds = Math.round(Date.now() / 1_000) + step;
      execFileSync("date", ["-s", `@${seconds}`]);
      const waited = await provokeSlowReader({ transport: "tcp", host: "127.0.0.1", delayMs });
      const line = await find(kerntel, waited.port, "to_user");
      assert.ok(Number(read(line, "kerntel.duration")) < stepS);
    }
    const lines = await kerntel.stored({ event: "kerntel.net_rx_latency" });
    const absurd = lines.filter((line) => Math.abs(Number(read(line, "kerntel.duration")) - stepS) < 30);
    assert.deepEqual(absurd, []);
    noteKernel(context, "net_rx_latency", "provoked", "a slow reader after the clock was set");
  },
);

liveTest("every late packet is accounted for, and the durations are a histogram", async () => {
  const kerntel = await shareKerntel(standard);
  await assertBooksClose(kerntel, "net_rx_latency");
  const text = await kerntel.metrics();
  const count = readMetric(text, "kerntel_net_rx_latency_duration_seconds_count");
  const late = readMetric(text, "kerntel_net_rx_latency_late_packets_total");
  for (const stage of ["to_stack", "to_transport", "to_user"]) {
    const label = `{kerntel_net_rx_latency_stage="${stage}"}`;
    assert.ok(Number(late.get(label)) >= 1, stage);
    assert.ok(Number(count.get(label)) >= Number(late.get(label)), stage);
  }
  const seconds = readMetric(text, "kerntel_net_rx_latency_duration_seconds_sum");
  assert.ok(Number(seconds.get('{kerntel_net_rx_latency_stage="to_user"}')) >= 0.115);
});

/** A segment goes to and fro, at once each time, until it is disposed. */
async function exchangeSegments(): Promise<Disposable> {
  const server = createServer((socket) => {
    // What comes back when the other end is gone is refused.
    socket
      .on("error", () => {})
      .setNoDelay(true)
      .pipe(socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").setNoDelay(true);
  socket.on("data", (data) => socket.write(data));
  socket.write("kerntel");
  return {
    [Symbol.dispose]: (): void => {
      socket.destroy();
      server.close();
    },
  };
}

liveTest("a late segment among many in time, most of which are not timed, is reported", async () => {
  const kerntel = await shareKerntel(standard);
  using others = await exchangeSegments();
  void others;
  const { port } = await provokeSlowReader({ transport: "tcp", host: "127.0.0.1", delayMs });
  const line = await find(kerntel, port, "to_user");
  assert.ok(Number(read(line, "kerntel.duration")) >= 0.115);
});

/** Packets that the kernel's stack took, over all CPUs (net/core/net-procfs.c). */
function countReceived(): number {
  const lines = readFileSync("/proc/net/softnet_stat", "utf8").trim().split("\n");
  return lines.reduce((sum, line) => sum + Number.parseInt(line, 16), 0);
}

liveTest(
  "the histogram has about as many packets as the kernel counts, although not each is timed",
  async () => {
    const kerntel = await shareKerntel(standard);
    const readCount = async (): Promise<number> => {
      const counts = readMetric(await kerntel.metrics(), "kerntel_net_rx_latency_duration_seconds_count");
      return counts.get('{kerntel_net_rx_latency_stage="to_stack"}') ?? 0;
    };
    const [kernelBefore, before] = [countReceived(), await readCount()];
    // An emulated machine takes ten seconds for as many as hardware does in a tenth of one.
    const count = isDisposable ? 10_000 : 60_000;
    await dropDatagrams("udp4", count);
    const [after, kernelAfter] = [await readCount(), countReceived()];
    const kernel = kernelAfter - kernelBefore;
    assert.ok(kernel >= count, `${kernel}`);
    // Each that was timed stands for 128, so this is the usual deviation; it is held to five times that.
    const deviation = Math.sqrt(128 * kernel);
    assert.ok(Math.abs(after - before - kernel) <= 5 * deviation, `${after - before} of ${kernel}`);
  },
);
