/**
 * A real Elasticsearch 9.5.3 node: Elastic's own server classes, started by `elasticsearch/EsNode.java` in place of its
 * launcher, with `elasticsearch/PeerPlugin.java` for the small modules that are not published. It lacks ingest, ILM,
 * the built-in templates, and the field types of the modules beyond the server.
 */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { ADMIN, layOutNode } from "./elasticsearch-layout.ts";
import { findFreePort, PeerProcess } from "./peer-process.ts";
import { peerDirectory } from "./peer-test.ts";

export interface ElasticsearchNode {
  readonly url: string;
  /** A request of the administrator, by anything but the client under test. Answers status and body. */
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
  /** As a process dies, or as it is asked to end. */
  stop(signal: "SIGKILL" | "SIGTERM"): Promise<void>;
  /** Again, with the same port and data. */
  start(): Promise<void>;
}

export interface Answer {
  readonly status: number;
  // What Elasticsearch answers has as many shapes as there are paths.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly body: any;
}

const JAVA_OPTIONS =
  "-Xms512m -Xmx512m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData --enable-native-access=ALL-UNNAMED " +
  "--sun-misc-unsafe-memory-access=allow --add-modules=jdk.net,jdk.management " +
  "-Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false";

/** Resolves when it answers. It ends with the test. */
export async function startElasticsearch(
  context: TestContext,
  { isSecure = false, lines = [] }: { readonly isSecure?: boolean; readonly lines?: readonly string[] } = {},
): Promise<ElasticsearchNode> {
  const home = mkdtempSync(join(tmpdir(), "kerntel-elasticsearch-"));
  const prepared = realpathSync(peerDirectory("elasticsearch"));
  const port = await findFreePort();
  const classPath = layOutNode(prepared, home, { port, isSecure, lines });
  const url = `http://127.0.0.1:${port}`;
  const own = [`-Des.path.home=${home}`, `-Djava.io.tmpdir=${join(home, "tmp")}`, "-cp", classPath];
  const node = new PeerProcess(context, {
    command: join(prepared, "java/bin/java"),
    args: [...JAVA_OPTIONS.split(" "), ...own, "EsNode", home],
    isUp: () => isUp(url),
  });
  context.after(() => rmSync(home, { recursive: true, force: true }));
  await node.start();
  return {
    url,
    ask: (method, path, body) => ask(url, method, path, body),
    stop: (signal) => node.stop(signal),
    start: () => node.start(),
  };
}

async function isUp(url: string): Promise<boolean> {
  try {
    const { status, body } = await ask(url, "GET", "/_cluster/health");
    return status === 200 && body.status !== "red";
  } catch {
    return false;
  }
}

async function ask(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const credentials = Buffer.from(`${ADMIN.username}:${ADMIN.password}`).toString("base64");
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Basic ${credentials}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
}
