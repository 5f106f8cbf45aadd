/** Segments are lost for real between two network namespaces; each is told by its ports. */
import assert from "node:assert/strict";
import { deadAddress, prepareLosses, serviceAddress, strangerAddress } from "../provoke/retransmit.ts";
import { assertBooksClose, assertDeclared } from "./assertions.ts";
import { noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { onlyEvent } from "./only-event.ts";
import { reloadKerntel } from "./reload-kerntel.ts";
import { RunningKerntel, readMetric } from "./running-kerntel.ts";
import type { StoredLine } from "./running-kerntel.ts";
import { waitUntil } from "./wait-until.ts";

const event = "kerntel.tcp_retransmit";

function matches(line: StoredLine, wanted: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(wanted).every(([name, value]) => line.attributes[name] === value);
}

async function findAll(
  kerntel: RunningKerntel,
  wanted: Readonly<Record<string, unknown>>,
): Promise<readonly StoredLine[]> {
  return (await kerntel.stored({ event })).filter((line) => matches(line, wanted));
}

function find(
  kerntel: RunningKerntel,
  what: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<StoredLine> {
  return waitUntil(what, async () => (await findAll(kerntel, wanted))[0]);
}

liveTest("each kind of retransmission is described with its cause, its connection and its owner", async (context) => {
  await using losses = await prepareLosses();
  await using kerntel = await RunningKerntel.start({
    events: onlyEvent("tcp_retransmit", "limit_per_second: 0"),
  });
  const { servicePort, containerId, cgroupPath } = losses;

  // All at once: the kernel takes a second before it asks again.
  const fullPort = await losses.fillQueue();
  losses.dial(serviceAddress, fullPort);
  losses.dial(deadAddress.ipv4, 4001);
  losses.dial(deadAddress.ipv6, 4002);
  losses.dial(serviceAddress, servicePort, { localAddress: strangerAddress });

  const tail = await losses.connect();
  await losses.lose();
  tail.send(1);
  const ends = { "network.local.port": tail.localPort, "network.peer.port": servicePort };
  const dropped = { "kerntel.tcp_retransmit.cause": "local_drop" };
  const probe = await find(kerntel, "a tail loss probe", {
    ...ends,
    ...dropped,
    "kerntel.tcp_retransmit.kind": "tail_loss_probe",
  });
  const timeout = await find(kerntel, "a timeout", {
    ...ends,
    ...dropped,
    "kerntel.tcp_retransmit.kind": "timeout",
  });
  await losses.restore();

  const { attributes } = timeout;
  assert.equal(timeout.severity, 13);
  assert.equal(probe.severity, 9);
  assert.equal(timeout.resource["container.id"], containerId);
  assert.equal(attributes["kerntel.tcp_retransmit.socket.cgroup.path"], cgroupPath);
  assert.equal(attributes["network.type"], "ipv4");
  assert.equal(attributes["network.local.address"], "10.98.0.1");
  assert.equal(attributes["network.peer.address"], serviceAddress);
  assert.equal(attributes["network.connection.state"], "established");
  assert.equal(attributes["kerntel.tcp_retransmit.congestion.state"], "loss");
  assert.equal(attributes["kerntel.tcp_retransmit.length"], 1000);
  assert.equal(attributes["kerntel.tcp_retransmit.segments"], 1);
  assert.ok(Number(attributes["kerntel.tcp_retransmit.timeouts"]) >= 1);
  assert.ok(Number(attributes["kerntel.tcp_retransmit.total"]) >= 2);
  assert.ok(Number(attributes["kerntel.tcp_retransmit.timeout"]) > 0);
  assert.ok(Number(attributes["kerntel.tcp_retransmit.round_trip"]) > 0);
  assert.match(String(attributes["kerntel.tcp_retransmit.drop.location"]), /^ip/);
  assert.ok(Number(attributes["kerntel.tcp_retransmit.drop.age"]) > 0);
  assert.match(String(attributes["kerntel.tcp_retransmit.drop.reason"]), /^[A-Z_]+$/);

  const syn4 = await find(kerntel, "a SYN over IPv4", {
    "network.peer.port": 4001,
    "network.peer.address": deadAddress.ipv4,
    "kerntel.tcp_retransmit.kind": "syn",
    ...dropped,
  });
  assert.equal(syn4.attributes["network.connection.state"], "syn_sent");
  const syn6 = await find(kerntel, "a SYN over IPv6", {
    "network.peer.port": 4002,
    "network.peer.address": deadAddress.ipv6,
    "kerntel.tcp_retransmit.kind": "syn",
    ...dropped,
  });
  assert.equal(syn6.attributes["network.type"], "ipv6");
  const answer = await find(kerntel, "a SYN-ACK", {
    "network.local.port": servicePort,
    "network.peer.address": strangerAddress,
    "kerntel.tcp_retransmit.kind": "syn_ack",
    ...dropped,
  });
  assert.equal(answer.attributes["network.connection.state"], "syn_received");
  assert.notEqual(
    answer.attributes["kerntel.tcp_retransmit.netns.inode"],
    timeout.attributes["kerntel.tcp_retransmit.netns.inode"],
  );

  // What the listener leaves unanswered was dropped by nobody.
  const unanswered = { "network.peer.port": fullPort, "kerntel.tcp_retransmit.kind": "syn" };
  await waitUntil("a SYN that was not lost here", async () => {
    const found = await findAll(kerntel, {
      ...unanswered,
      "kerntel.tcp_retransmit.cause": "network_or_peer",
    });
    if (found.length === 0) losses.dial(serviceAddress, fullPort);
    return found[0];
  });
  // The second comes two seconds after the first: as long ago as drops are remembered.
  const late = await waitUntil("a SYN of which nothing can be said", async () =>
    (await findAll(kerntel, { ...unanswered, "kerntel.tcp_retransmit.timeouts": 2 }))[0],
  );
  assert.equal(late.attributes["kerntel.tcp_retransmit.cause"], "unknown");
  assert.equal(late.attributes["kerntel.tcp_retransmit.drop.reason"], undefined);

  await losses.slowDownTimers();
  const middle = await losses.connect();
  await losses.lose();
  middle.send(1);
  await waitForDrop();
  await losses.restore();
  middle.send(8);
  const fast = await find(kerntel, "a fast retransmission", {
    "network.local.port": middle.localPort,
    "kerntel.tcp_retransmit.kind": "fast",
  });
  assert.equal(fast.attributes["kerntel.tcp_retransmit.congestion.state"], "recovery");
  assert.equal(fast.severity, 9);

  const lines = await findAll(kerntel, {});
  assertDeclared(lines);
  const books = await assertBooksClose(kerntel, "tcp_retransmit");
  assert.ok(Number(books["stored"]) >= lines.length);
  const counts = readMetric(await kerntel.metrics(), "kerntel_tcp_retransmit_retransmissions_total");
  for (const kind of ["syn", "syn_ack", "fast", "timeout", "tail_loss_probe"])
    assert.ok(Number(counts.get(`{kind="${kind}"}`)) >= 1, kind);
  noteKernel(context, "tcp_retransmit", "provoked", [...counts.keys()].join(" "));
  void reloadKerntel;
});
async function waitForDrop(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
