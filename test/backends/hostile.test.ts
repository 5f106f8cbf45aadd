/** Every client of ours against every hostile answer: it is done in time, leaves nothing behind, and goes on when the other side is well. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import type { TestContext } from "node:test";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import type { IMetricReader } from "@opentelemetry/sdk-metrics";
import { LONGEST_SLEEP_MS } from "#exporters/clock.ts";
import type { Destination } from "#exporters/contract.ts";
import { exporters } from "#exporters/index.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import type { Setting } from "#exporters/setting.ts";
import { AskedSource } from "#receiver/containers/sources/asked-source.ts";
import { containerSources } from "#receiver/containers/sources/index.ts";
import { waitUntil } from "../live/wait-until.ts";
import { hostileAnswers } from "./hostile-answers.ts";
import { startHostileServer } from "./hostile-server.ts";
import type { HostileServer } from "./hostile-server.ts";

const TIMEOUT_MS = 200;
/** On a busy machine a request may not even get there in that time; then there are more. */
const MOST_ATTEMPTS = 100;
const ATTEMPTS = 3;
/** What an attempt may take beyond its timeout where this machine is busy. */
const SLACK_MS = 3_000;
/** What all clients may hold at once; one bomb has four times as much. */
const LARGEST_GROWTH_BYTES = 256 * 1024 * 1024;

interface HeldClient {
  /** Returns whether the other side took what was sent, or told what was wanted. */
  readonly attempt: () => Promise<boolean>;
  readonly close: () => unknown;
}

interface Kind {
  readonly name: string;
  /** Where it listens, if not on a port. */
  readonly socketName?: string | undefined;
  readonly connect: (server: HostileServer, socket: string) => Promise<HeldClient>;
}

/** The options of an exporter with an endpoint: the server's, with the path of the default. */
function aim(settings: Readonly<Record<string, Setting>>, { port }: HostileServer): object {
  const defaults = Object.entries(settings).map(([name, setting]) => [name, setting.default] as const);
  const { endpoint } = Object.fromEntries(defaults);
  const path = new URL(String(endpoint)).pathname;
  return {
    ...Object.fromEntries(defaults.filter(([, value]) => value !== undefined)),
    endpoint: `http://127.0.0.1:${port}${path === "/" ? "" : path}`,
    timeoutMs: TIMEOUT_MS,
  };
}

const hasEndpoint = ({ settings }: { readonly settings: object }): boolean =>
  "endpoint" in settings && "timeoutMs" in settings;

const logKinds: readonly Kind[] = exporters.flatMap(({ name, logs }) =>
  logs?.create === undefined || !hasEndpoint(logs)
    ? []
    : [
        {
          name: `log records by ${name}`,
          connect: async (server) =>
            holdDestination(await logs.create?.({ ...aim(logs.settings, server), name } as never)),
        },
      ],
);

const metricKinds: readonly Kind[] = exporters.flatMap(({ name, metrics }) =>
  metrics === undefined || !hasEndpoint(metrics)
    ? []
    : [
        {
          name: `metrics by ${name}`,
          connect: async (server) =>
            holdReader(
              await metrics.create({
                ...aim(metrics.settings, server),
                intervalMs: 3_600_000,
                exportTimeoutMs: 60_000,
              } as never),
            ),
        },
      ],
);

const sourceKinds: readonly Kind[] = containerSources.map((source) => ({
  name: `containers by ${source.name}`,
  socketName: "socket" in source.settings ? `${source.name}.sock` : undefined,
  connect: async (server, socket) => {
    const options = { socket, endpoint: `http://127.0.0.1:${server.port}`, insecureSkipVerify: false };
    const labels = { container: new Set<string>(), pod: new Set<string>() };
    const { name, findsNames } = source;
    const asked = new AskedSource(
      {
        name,
        trust: 0,
        findsNames,
        settings: {},
        timeoutMs: TIMEOUT_MS,
        intervalMs: 0,
        isThere: () => true,
        open: () => source.open(options as never, labels),
      },
      { warn: () => {} },
    );
    const place = { path: "/docker/1", hierarchies: [0], isProven: true };
    const wanted = [{ containerIds: ["a".repeat(64)], names: [], path: "", podUid: undefined, place }];
    return {
      attempt: async () => (await asked.find(wanted)) !== undefined,
      close: () => asked.close(),
    };
  },
}));

function holdDestination(destination: Destination | undefined): HeldClient {
  assert.ok(destination);
  const records = [createSampleRecord("01JZQ5T6W0ABCDEFGHJKMNPQRS")];
  return {
    async attempt() {
      const result = await destination.send(records, new AbortController().signal);
      const waitMs = "retryAfterMs" in result ? (result.retryAfterMs ?? 0) : 0;
      assert.ok(waitMs <= LONGEST_SLEEP_MS, `a wait of ${waitMs} ms`);
      return result.kind === "delivered";
    },
    close: () => destination.shutdown(),
  };
}

function holdReader(reader: IMetricReader): HeldClient {
  const provider = new MeterProvider({ readers: [reader] });
  provider.getMeter("kerntel").createCounter("kerntel.oom.kills").add(1);
  return {
    attempt: () =>
      reader.forceFlush().then(
        () => true,
        () => false,
      ),
    close: () => provider.shutdown().catch(() => {}),
  };
}

function readHeldBytes(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The most that this process has held meanwhile, beyond what it held at the beginning. */
async function measureGrowth(act: () => Promise<void>): Promise<number> {
  const before = readHeldBytes();
  let most = before;
  const timer = setInterval(() => (most = Math.max(most, readHeldBytes())), 5);
  await act();
  clearInterval(timer);
  return Math.max(most, readHeldBytes()) - before;
}

async function hold(context: TestContext, kind: Kind): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "kerntel-hostile-"));
  context.after(() => rmSync(folder, { recursive: true }));
  for (const answer of hostileAnswers)
    await context.test(answer.title, async (inner) => {
      const socket = join(folder, kind.socketName ?? "none");
      const server = await startHostileServer(inner, kind.socketName === undefined ? undefined : socket);
      const client = await kind.connect(server, socket);
      server.answer = answer;
      const growthBytes = await measureGrowth(async () => {
        for (let count = 0; server.requests < ATTEMPTS && count < MOST_ATTEMPTS; count++) {
          const beganMs = performance.now();
          await client.attempt();
          const tookMs = performance.now() - beganMs;
          assert.ok(tookMs < TIMEOUT_MS + SLACK_MS, `an attempt took ${Math.round(tookMs)} ms`);
        }
      });
      assert.ok(server.requests > 0, "the hostile answer was given");
      assert.ok(growthBytes < LARGEST_GROWTH_BYTES, `${growthBytes} bytes were held at once`);
      await waitUntil(
        () => `${server.sockets.size} connections to become at most one`,
        () => server.sockets.size <= 1 || undefined,
        { deadlineMs: 10_000 },
      );
      server.answer = undefined;
      const wellMs = performance.now();
      // OTel's reader resolves also where an export failed, so the server has the last word.
      const goOn = async (): Promise<true | undefined> =>
        ((await client.attempt()) && server.served > 0) || undefined;
      await waitUntil("it to go on with this server", goOn, { deadlineMs: 60_000 });
      inner.diagnostic(
        `went on after ${Math.round(performance.now() - wellMs)} ms, ${Math.round(growthBytes / 2 ** 20)} MiB held at most`,
      );
      await client.close();
      await waitUntil(
        () => `${server.sockets.size} connections to be closed`,
        () => server.sockets.size === 0 || undefined,
        { deadlineMs: 10_000 },
      );
    });
}

// Nearly all of it is waiting, so the clients wait together.
suite("whatever the other side answers", { concurrency: true }, () => {
  for (const kind of [...logKinds, ...metricKinds, ...sourceKinds])
    test(`${kind.name} go on, with bounded connections and memory`, (context) => hold(context, kind));
});

test("the table has every exporter that sends, and every source", () => {
  assert.ok(logKinds.length >= 3 && metricKinds.length >= 2 && sourceKinds.length >= 5);
});
