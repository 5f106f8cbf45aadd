/** Segments are lost for real between two network namespaces; each is told by its ports. */
import assert from "node:assert/strict";
import { deadAddress, prepareLosses, serviceAddress, strangerAddress } from "./provoke.ts";
import type { Connection, Losses } from "./provoke.ts";
import { assertBooksClose, assertDeclared } from "#test/live/assertions.ts";
import { noteKernel } from "#test/live/kernel-note.ts";
import { liveTest } from "#test/live/live-test.ts";
import { readMetric } from "#test/live/running-kerntel.ts";
import type { RunningKerntel, StoredLine } from "#test/live/running-kerntel.ts";
import { shareKerntel } from "#test/live/shared-kerntel.ts";
import { waitUntil } from "#test/live/wait-until.ts";

const unlimited = "      tcp_retransmit: { limit_per_second: 0 }";

type Wanted = Readonly<Record<string, unknown>>;

async function findAll(kerntel: RunningKerntel, wanted: Wanted): Promise<readonly StoredLine[]> {
  const lines = await kerntel.look({ event: "kerntel.tcp_retransmit" });
  return lines.filter((line) => Object.entries(wanted).every(([name, value]) => read(line, name) === value));
}

/** Names below `kerntel.tcp_retransmit.` are written short. */
function read({ attributes }: StoredLine, name: string): unknown {
  return attributes[/^(?:network|kerntel)[.]/.test(name) ? name : `kerntel.tcp_retransmit.${name}`];
}

function find(kerntel: RunningKerntel, what: string, wanted: Wanted): Promise<StoredLine> {
  return waitUntil(what, async () => (await findAll(kerntel, wanted))[0]);
}

/** The first thing a connection sends gets lost. */
async function loseFirst(losses: Losses, ports: (connection: Connection) => Wanted): Promise<Wanted> {
  const connection = await losses.connect();
  await losses.lose();
  connection.send(1);
  return ports(connection);
}

const dropped = { cause: "local_drop" };

liveTest("a lost tail is probed for and then times out, and the drop is found", async (context) => {
  const kerntel = await shareKerntel(unlimited);
  await using losses = await prepareLosses();
  const ports = await loseFirst(losses, ({ localPort }) => ({
    "network.local.port": localPort,
    "network.peer.port": losses.servicePort,
  }));
  const probe = await find(kerntel, "a probe", { ...ports, ...dropped, kind: "tail_loss_probe" });
  const timeout = await find(kerntel, "a timeout", { ...ports, ...dropped, kind: "timeout" });
  await losses.restore();

  assert.equal(probe.severity, 9);
  assert.equal(timeout.severity, 13);
  assert.equal(timeout.resource["container.id"], losses.containerId);
  assert.match(timeout.body, /^TCP sent again \(timeout\): 10\.98\.0\.1:\d+ → 10\.97\.0\.1:\d+, dropped on /);
  const exact = {
    "network.transport": "tcp",
    "network.type": "ipv4",
    "network.local.address": "10.98.0.1",
    "network.peer.address": serviceAddress,
    "network.connection.state": "established",
    "kerntel.socket.cgroup.path": losses.cgroupPath,
    "kerntel.socket.user.id": process.getuid?.(),
    "congestion.state": "loss",
    "congestion.window": 1,
    length: 1000,
    segments: 1,
  };
  for (const [name, value] of Object.entries(exact)) assert.equal(read(timeout, name), value, name);
  for (const name of [
    "timeouts",
    "total",
    "timeout",
    "round_trip",
    "drop.age",
    "kerntel.network.namespace.inode",
    "kerntel.tcp.sequence",
  ])
    assert.ok(Number(read(timeout, name)) > 0, name);
  assert.match(String(read(timeout, "drop.location")), /^ip_/);
  assert.match(String(read(timeout, "drop.reason")), /^[A-Z_]+$/);
  assertDeclared([probe, timeout]);
  noteKernel(context, "tcp_retransmit", "provoked", "a lost tail: probe and timeout, with the local drop");
});

liveTest("a SYN and its answer are told apart, over IPv4 and IPv6", async (context) => {
  const kerntel = await shareKerntel(unlimited);
  await using losses = await prepareLosses();
  losses.dial(deadAddress.ipv4, 4001);
  losses.dial(deadAddress.ipv6, 4002);
  losses.dial(serviceAddress, losses.servicePort, { localAddress: strangerAddress });

  const syn4 = await find(kerntel, "a SYN over IPv4", {
    "network.peer.address": deadAddress.ipv4,
    "network.peer.port": 4001,
    kind: "syn",
    ...dropped,
  });
  assert.equal(read(syn4, "network.connection.state"), "syn_sent");
  assert.equal(syn4.resource["container.id"], losses.containerId);
  const syn6 = await find(kerntel, "a SYN over IPv6", {
    "network.peer.address": deadAddress.ipv6,
    "network.peer.port": 4002,
    kind: "syn",
    ...dropped,
  });
  assert.equal(read(syn6, "network.type"), "ipv6");
  const answer = await find(kerntel, "a SYN-ACK", {
    "network.local.address": serviceAddress,
    "network.local.port": losses.servicePort,
    "network.peer.address": strangerAddress,
    kind: "syn_ack",
    ...dropped,
  });
  assert.equal(read(answer, "network.connection.state"), "syn_received");
  assert.notEqual(
    read(answer, "kerntel.network.namespace.inode"),
    read(syn4, "kerntel.network.namespace.inode"),
  );
  assertDeclared([syn4, syn6, answer]);
  noteKernel(context, "tcp_retransmit", "provoked", "SYN and SYN-ACK without an answer");
});

liveTest(
  "a SYN of a container whose cgroup the socket does not remember is about the container",
  async () => {
    const kerntel = await shareKerntel(unlimited);
    await using losses = await prepareLosses("memory");
    losses.dial(deadAddress.ipv4, 4005);
    const syn = await find(kerntel, "a SYN", { "network.peer.port": 4005, kind: "syn" });
    assert.equal(syn.resource["container.id"], losses.containerId);
    assert.equal(syn.resource["container.runtime.name"], "docker");
    // On version 1 and hybrid hierarchies it is the root of the unified one, which is in no container.
    assert.match(String(read(syn, "kerntel.socket.cgroup.path")), /^\/$|docker-/);
  },
);

liveTest("what nobody here dropped is the network's or the peer's, as long as that is certain", async () => {
  const kerntel = await shareKerntel(unlimited);
  await using losses = await prepareLosses();
  const port = await losses.fillQueue();
  const unanswered = { "network.peer.address": serviceAddress, "network.peer.port": port, kind: "syn" };
  const first = await waitUntil("a SYN that was not lost here", async () => {
    const [found] = await findAll(kerntel, { ...unanswered, cause: "network_or_peer" });
    // Another program's drops may have filled the memory of them: then it is asked again.
    if (found === undefined) losses.dial(serviceAddress, port);
    return found;
  });
  assert.equal(read(first, "drop.reason"), undefined);
});

liveTest("a loss in the middle is repaired at once, without a timeout", async (context) => {
  const kerntel = await shareKerntel(unlimited);
  await using losses = await prepareLosses();
  await losses.slowDownTimers();
  const connection = await losses.connect();
  await losses.lose();
  connection.send(1);
  await losses.lost();
  await losses.restore();
  connection.send(8);
  const fast = await find(kerntel, "a fast retransmission", {
    "network.local.port": connection.localPort,
    kind: "fast",
  });
  assert.equal(read(fast, "congestion.state"), "recovery");
  assert.equal(read(fast, "timeouts"), 0);
  assert.equal(fast.severity, 9);
  noteKernel(context, "tcp_retransmit", "provoked", "a loss in the middle: fast retransmission");
});

liveTest("settings change while it watches, and every retransmission is accounted for", async () => {
  const kerntel = await shareKerntel(unlimited);
  const since = (await kerntel.reports()).get("tcp_retransmit")?.["since"];
  await using losses = await prepareLosses();
  await shareKerntel("      tcp_retransmit: { limit_per_second: 0, drop_window_ms: 1 }");
  losses.dial(deadAddress.ipv4, 4003);
  const blind = await find(kerntel, "a SYN", { "network.peer.port": 4003 });
  assert.equal(read(blind, "cause"), "unknown");

  await shareKerntel("      tcp_retransmit: { limit_per_second: 1 }");
  losses.dial(deadAddress.ipv4, 4004, { count: 20 });
  const books = await waitUntil("suppressed records", async () => {
    const report = (await kerntel.reports()).get("tcp_retransmit");
    return Number(report?.["suppressed"]) > 10 ? report : undefined;
  });
  assert.equal(books["since"], since);
  await losses[Symbol.asyncDispose]();
  const { seen, missed, filtered } = await assertBooksClose(kerntel, "tcp_retransmit");
  const counts = readMetric(await kerntel.metrics(), "kerntel_tcp_retransmit_retransmissions_total");
  for (const kind of ["syn", "syn_ack", "fast", "timeout", "tail_loss_probe"])
    assert.ok(Number(counts.get(`{kerntel_tcp_retransmit_kind="${kind}"}`)) >= 1, kind);
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  assert.ok(total >= Number(seen) - Number(missed) - Number(filtered));
});
