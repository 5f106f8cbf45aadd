/** A backend that repeats the request in its refusal: for every exporter, and every setting that it declares secret. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stringify } from "yaml";
import { exporters } from "#exporters/index.ts";
import { createSampleRecord } from "#exporters/sample-record.ts";
import { keyOf } from "#otel-config/declaration.ts";
import type { Setting, SettingGroup } from "#otel-config/declaration.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { declare } from "../declarations.ts";
import { createDestinations } from "./destinations.ts";

const secret = "Qh7CanaryZw9Kestrel";
const encoded = Buffer.from(`kerntel:${secret}`).toString("base64");

/** A server that answers with the headers it got, in its own words and in Elasticsearch's. */
async function startEcho(context: { after: (end: () => void) => void }): Promise<string> {
  const server = createServer((request, response) => {
    const repeated = JSON.stringify(request.headers);
    const error = { type: repeated, reason: repeated };
    response.writeHead(400, { "content-type": "application/json" });
    response.end(
      JSON.stringify({ message: repeated, error: { ...error, root_cause: [error] }, status: 400 }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Each setting that an exporter declares secret, with those that must be given together with it. */
const cases = exporters.flatMap(({ name, logs }) =>
  Object.entries<Setting>(logs?.settings ?? {}).flatMap(([setting, { secret: isSecret, type, format }]) => {
    if (logs === undefined || !isSecret) return [];
    const value =
      type === "headers"
        ? [{ name: "Authorization", value: `Bearer ${secret}` }]
        : format === "header-list"
          ? `x-token=${secret}`
          : secret;
    const group: SettingGroup = logs;
    const partners = (group.together ?? []).filter((names) => names.includes(setting)).flat();
    const others = partners.map((partner) => [keyOf(group, partner), "kerntel"]);
    const settings = Object.fromEntries([...others, [keyOf(group, setting), value]]) as object;
    return [{ exporter: name, settings }];
  }),
);

test("the secrets of exporters are found by their declarations", () => {
  assert.ok(cases.length >= 6, String(cases.length));
});

for (const { exporter, settings } of cases) {
  test(`what ${exporter} answers has no secret of ${Object.keys(settings).join(" and ")}`, async (context) => {
    const directory = mkdtempSync(join(tmpdir(), "kerntel-hidden-"));
    context.after(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "kerntel.yaml");
    const endpoint = await startEcho(context);
    const processor = { batch: { exporter: { [exporter]: { ...settings, endpoint } } } };
    writeFileSync(path, stringify({ file_format: "1.0", logger_provider: { processors: [processor] } }));
    const { logProcessors } = readConfig({ path, environment: {}, declarations: declare(new Map()) });
    const [configured] = await createDestinations(logProcessors);
    const result = await configured?.destination.send(
      [createSampleRecord("01980000-0000-7000-8000-000000000001")],
      new AbortController().signal,
    );
    const text = JSON.stringify({ ...result, sample: undefined });
    await configured?.destination.shutdown();
    // The echo does not speak gRPC, and what that exporter says of it comes from its client alone.
    if (exporter !== "otlp_grpc") assert.ok(text.includes("…"), `the answer repeats the request: ${text}`);
    for (const hidden of [secret, encoded]) assert.ok(!text.includes(hidden), text);
  });
}
