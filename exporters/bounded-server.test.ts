import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import type { IncomingMessage, RequestListener } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { text as readText } from "node:stream/consumers";
import { BoundedServer } from "./bounded-server.ts";
import type { ServerLimits } from "./bounded-server.ts";
import { ConnectionCounts } from "./connection-counts.ts";
import type { CloseReason } from "./connection-counts.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
/** More than the kernel's buffers of a connection take. */
const LONG = Buffer.alloc(64 * 1024 * 1024, "x");

interface Started {
  readonly counts: ConnectionCounts;
  readonly port: number;
  readonly server: BoundedServer;
  /** A connection that sends `bytes`, reads nothing, and can be waited for. */
  readonly open: (bytes?: string) => Promise<Socket>;
  readonly get: () => Promise<string>;
}

const answerShort: RequestListener = (_request, response) => response.end("short");
const answerLong: RequestListener = (_request, response) => response.end(LONG);

async function start(
  context: TestContext,
  limits: ServerLimits = {},
  answer: RequestListener = answerShort,
): Promise<Started> {
  const counts = new ConnectionCounts();
  const server = new BoundedServer(answer, counts, limits);
  await server.listen({ host: "127.0.0.1", port: 0 }, () => {});
  const { port } = server.address as AddressInfo;
  const sockets: Socket[] = [];
  context.after(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close();
  });
  return {
    counts,
    port,
    server,
    open: async (bytes = "") => {
      const socket = connect({ host: "127.0.0.1", port }).on("error", () => {});
      sockets.push(socket);
      socket.pause();
      await once(socket, "connect");
      if (bytes !== "") socket.write(bytes);
      return socket;
    },
    get: async () => {
      const sent = get({ host: "127.0.0.1", port, agent: false });
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      return readText(response);
    },
  };
}

function closedOf({ closed }: ConnectionCounts): Partial<Record<CloseReason, number>> {
  return Object.fromEntries([...closed].filter(([, count]) => count > 0));
}

async function waitFor(isMet: () => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!isMet()) {
    assert.ok(performance.now() < endMs, "it did not come to pass");
    await new Promise(setImmediate);
  }
}

/** Resolves when the other side has ended the connection. */
async function untilClosed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
}

test("the 33rd connection is closed at once and counted, and there is room again for one that has ended", async (context) => {
  const { counts, open, get: ask } = await start(context);
  const first = await open();
  for (let opened = 1; opened < 32; opened++) await open();
  await waitFor(() => counts.open === 32);
  await untilClosed(await open());
  assert.equal(counts.open, 32);
  assert.deepEqual(closedOf(counts), { too_many: 1 });
  first.destroy();
  await waitFor(() => counts.open === 31);
  assert.equal(await ask(), "short");
  assert.deepEqual(closedOf(counts), { too_many: 1 });
});

test("where all places are taken by clients that send nothing, a new one gets the place of the oldest", async (context) => {
  const { counts, open, get: ask } = await start(context, { maxConnections: 2 });
  const [oldest, other] = [await open(), await open()];
  // Whoever asks before the others have waited long enough is refused, and asks again.
  let answer: string | undefined;
  while (answer === undefined) answer = await ask().catch(() => undefined);
  assert.equal(answer, "short");
  await untilClosed(oldest);
  assert.equal(other.closed, false);
  assert.equal(closedOf(counts).displaced, 1);
});

test("a connection without a request, and one whose request never ends, are cut", async (context) => {
  const { counts, open } = await start(context, { requestTimeoutMs: 300 });
  const [silent, dripping] = [await open(), await open("GET / HTTP/1.1\r\n")];
  const drip = setInterval(() => dripping.write("A: b\r\n"), 20);
  context.after(() => {
    clearInterval(drip);
  });
  await Promise.all([untilClosed(silent), untilClosed(dripping)]);
  await waitFor(() => counts.open === 0);
  assert.deepEqual(closedOf(counts), { request_timeout: 2 });
});

test("a client that does not read is cut, and one that reads slowly is not", async (context) => {
  const { counts, open, port } = await start(context, { writeTimeoutMs: 2_500 }, (_request, response) => {
    // In parts, so that each that is taken shows.
    for (let part = 0; part < 64; part++) response.write(LONG.subarray(0, LONG.length / 64));
    response.end();
  });
  const startedMs = performance.now();
  await open(REQUEST);
  const slow = connect({ host: "127.0.0.1", port }).on("error", () => {});
  slow.write("GET / HTTP/1.0\r\n\r\n");
  let readBytes = 0;
  let isDeafCut = false;
  slow.on("data", ({ length }) => {
    readBytes += length;
    slow.pause();
    setTimeout(() => slow.resume(), isDeafCut ? 0 : 10);
  });
  const ended = once(slow, "close");
  await waitFor(() => (closedOf(counts).write_timeout ?? 0) > 0);
  const cutAfterMs = performance.now() - startedMs;
  isDeafCut = true;
  await ended;
  context.diagnostic(`cut after ${Math.round(cutAfterMs)} ms, read ${readBytes} bytes slowly`);
  assert.ok(readBytes >= LONG.length);
  assert.deepEqual(closedOf(counts), { write_timeout: 1 });
});

test("an answer that this side is slow with is not cut", async (context) => {
  const limits = { writeTimeoutMs: 200, requestTimeoutMs: 200 };
  const { counts, get: ask } = await start(context, limits, (_request, response) => {
    setTimeout(() => response.end("late"), 2_500);
  });
  assert.equal(await ask(), "late");
  assert.deepEqual(closedOf(counts), {});
});

test("a client that asks again before it has its answer is cut, however often it asked", async (context) => {
  let answers = 0;
  const { counts, open } = await start(context, {}, (request, response) => {
    answers += 1;
    answerLong(request, response);
  });
  await untilClosed(await open(REQUEST.repeat(500)));
  await waitFor(() => counts.open === 0);
  assert.deepEqual(closedOf(counts), { pipelined: 1 });
  assert.equal(answers, 1);
});

test("connections that keep alive are answered again and again", async (context) => {
  const { counts, open } = await start(context);
  const socket = await open();
  socket.resume();
  for (let count = 0; count < 3; count++) {
    socket.write(REQUEST);
    const [answer] = (await once(socket, "data")) as [Buffer];
    assert.match(answer.toString(), /short$/);
  }
  assert.deepEqual(closedOf(counts), {});
});

test("where few descriptors are left a connection is closed at once and counted", async (context) => {
  const { counts, open } = await start(context, { spareDescriptors: Number.MAX_SAFE_INTEGER });
  await untilClosed(await open());
  assert.deepEqual(closedOf(counts), { too_few_descriptors: 1 });
});

test("a tenant has its share, all of them together have theirs, and who is no tenant always gets a place", async (context) => {
  let tenant: string | undefined = "a";
  const tenants = { find: () => tenant, maxPerTenant: 2, maxOfAll: 3 };
  const { counts, open, get: ask } = await start(context, { maxConnections: 4, tenants });
  await open();
  await open();
  await waitFor(() => counts.open === 2);
  await untilClosed(await open());
  assert.deepEqual(closedOf(counts), { too_many: 1 });
  tenant = "b";
  await open();
  await waitFor(() => counts.open === 3);
  tenant = "c";
  await untilClosed(await open());
  assert.deepEqual(closedOf(counts), { too_many: 2 });
  tenant = undefined;
  assert.equal(await ask(), "short");
  assert.equal(counts.open, 3);
});
