import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get, request } from "node:http";
import type { IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, test } from "node:test";
import { askRunning } from "./client.ts";
import { queryLines } from "./query-lines.ts";
import type { ControlPlace } from "./run-directory.ts";
import { startControlServer } from "./server.ts";
import { malformedRequests, sendRequest } from "#test/malformed-requests.ts";

async function* breakOff(): AsyncGenerator<string> {
  yield "first";
  await new Promise(setImmediate);
  throw new Error("disk gone");
}

/** Without a group that may read. */
function at(path: string): ControlPlace {
  return { path, groupId: undefined };
}

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "kerntel-control-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("a question is answered line by line, with its parameters", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), {
    read: { "/echo": (query) => [query.get("word") ?? "", "end"] },
  });
  assert.ok(server);
  assert.deepEqual(await Array.fromAsync(askRunning([path], { path: "/echo", query: { word: "a&b" } })), [
    "a&b",
    "end",
  ]);
});

test("a request in absolute-form is answered, and any other target is refused", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), { read: { "/events": () => ["up"] } });
  assert.ok(server);
  for (const [target, status] of [
    ["http://kerntel/events", 200],
    ["//", 404],
    ["*", 404],
    ["constructor", 400],
  ] as const) {
    const asked = request({ socketPath: path, path: target, method: target === "*" ? "OPTIONS" : "GET" });
    const [response] = (await once(asked.end(), "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, status, target);
  }
});

test("the socket is the owner's alone", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), { read: {} });
  assert.ok(server);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("an answer that breaks off is an error and not a shorter answer", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), { read: { "/broken": breakOff } });
  assert.ok(server);
  await assert.rejects(Array.fromAsync(askRunning([path], { path: "/broken" })));
});

test("a route that refuses says why", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), {
    read: {
      "/query": () => {
        throw new Error("since is no time");
      },
    },
  });
  assert.ok(server);
  await assert.rejects(Array.fromAsync(askRunning([path], { path: "/query" })), {
    message: "since is no time",
  });
});

test("a socket without a listener means that nothing runs", async () => {
  const path = join(directory, "socket");
  await assert.rejects(Array.fromAsync(askRunning([path], { path: "/events" })), {
    code: "CONTROL_NOT_RUNNING",
  });
  // As a killed process leaves it: a socket file nobody listens on.
  const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", script]);
  assert.ok(statSync(path).isSocket());
  await assert.rejects(Array.fromAsync(askRunning([path], { path: "/events" })), {
    code: "CONTROL_NOT_RUNNING",
  });
  await using server = await startControlServer(at(path), { read: { "/events": () => ["up"] } });
  assert.ok(server);
  assert.deepEqual(await Array.fromAsync(askRunning([path], { path: "/events" })), ["up"]);
});

test("no request that makes no sense keeps the next one from its answer", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), { read: { "/events": () => ["up"] } });
  assert.ok(server);
  for (const line of malformedRequests) {
    const answer = await sendRequest({ path }, line);
    assert.match(answer, /^(?:HTTP\/1\.1 4\d\d |$)/, JSON.stringify(line.slice(0, 60)));
    assert.deepEqual(await Array.fromAsync(askRunning([path], { path: "/events" })), ["up"]);
  }
});

test("a path too long for a socket is refused with a sentence, and nothing runs there", async () => {
  const path = join(directory, "x".repeat(120));
  await assert.rejects(startControlServer(at(path), { read: {} }), { code: "CONTROL_PATH_TOO_LONG" });
  await assert.rejects(Array.fromAsync(askRunning([path], { path: "/events" })), {
    code: "CONTROL_NOT_RUNNING",
  });
});

test("a plain file in the way is replaced, as the directory is ours", async () => {
  const path = join(directory, "socket");
  writeFileSync(path, "");
  await using server = await startControlServer(at(path), { read: { "/": () => [] } });
  assert.ok(server);
});

test("a directory in the way is left alone and named", async () => {
  const path = join(directory, "socket");
  mkdirSync(path);
  await assert.rejects(startControlServer(at(path), { read: {} }), {
    code: "CONTROL_CANNOT_LISTEN",
    message: `cannot listen on ${path}: it is a directory (EISDIR)`,
  });
  rmdirSync(path);
});

test("a route that finds a parameter wrong before its first line answers 400 and says why", async () => {
  const path = join(directory, "socket");
  await using server = await startControlServer(at(path), {
    read: { "/query": (query) => queryLines({ read: () => assert.fail("nothing is read") }, query) },
  });
  assert.ok(server);
  const wrong: Readonly<Record<string, readonly string[]>> = {
    "since=a whole number of at most 281474976710655": ["abc", "", "1e308", "Infinity", "281474976710656"],
    "limit=a whole number of at least 1": ["-1", "0", "1.5", "0x10", ""],
  };
  for (const [rule, values] of Object.entries(wrong)) {
    const [name = "", wanted = ""] = rule.split("=");
    for (const value of values) {
      const sent = get({ socketPath: path, path: `/query?${name}=${value}`, agent: false });
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      assert.equal(response.statusCode, 400);
      assert.equal(await text(response), `"${name}" must be ${wanted}, not "${value}"`);
    }
  }
});

test("a socket on which another receiver answers is left to it, and the message says what to do", async () => {
  const path = join(directory, "socket");
  await using first = await startControlServer(at(path), { read: { "/events": () => ["first"] } });
  assert.ok(first);
  await assert.rejects(startControlServer(at(path), { read: {} }), {
    code: "CONTROL_CANNOT_LISTEN",
    message: /another receiver answers there; set KERNTEL_RUN_DIR/,
  });
  assert.deepEqual(await Array.fromAsync(askRunning([path], { path: "/events" })), ["first"]);
});

test("the first socket on which somebody answers is asked", async () => {
  const [none, path] = [join(directory, "none"), join(directory, "socket")];
  await using server = await startControlServer(at(path), { read: { "/events": () => ["up"] } });
  assert.ok(server);
  assert.deepEqual(await Array.fromAsync(askRunning([none, path], { path: "/events" })), ["up"]);
  await assert.rejects(Array.fromAsync(askRunning([none, none], { path: "/events" })), {
    code: "CONTROL_NOT_RUNNING",
  });
});

test("what changes something takes POST alone, and a refusal of one user leaves others their answers", async () => {
  const path = join(directory, "socket");
  let changes = 0;
  await using server = await startControlServer(at(path), {
    read: { "/events": () => ["up"] },
    change: { "/reload": () => [String(++changes)] },
  });
  assert.ok(server);
  for (const [method, status] of [
    ["GET", 405],
    ["HEAD", 405],
    ["POST", 200],
  ] as const) {
    const sent = request({ socketPath: path, path: "/reload", method, agent: false }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, status, method);
  }
  assert.equal(changes, 1);
});
