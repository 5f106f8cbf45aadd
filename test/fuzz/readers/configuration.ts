/** Configuration files, with every exporter, source and event there is. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatMistake, ConfigError } from "#otel-config/mistake.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import type { FuzzedReader } from "../fuzzed-reader.ts";

/** What a message must not have; a mutated file does not have it by chance. */
const SECRET = "Qh7CanaryZw9Kestrel";
const DIGITS = "918273645546372";
const environment = { SECRET, DIGITS, URL: `https://user:${SECRET}@host/`, LINES: `${SECRET}\n${SECRET}` };

const folder = mkdtempSync(join(tmpdir(), "kerntel-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const path = join(folder, "kerntel.yaml");

const references = `file_format: "1.0"
logger_provider:
  processors:
    - batch: &all
        exporter:
          otlp_http: { endpoint: "\${URL}", headers_list: "a=\${SECRET}", timeout: 5 }
    - batch: *all
    - batch: { exporter: { elasticsearch: { endpoint: http://a:9200, api_key: "\${SECRET}" } } }
resource:
  attributes:
    - { name: a, value: "\${LINES}" }
    - { name: b, value: "\${DIGITS}", type: string }
distribution: { kerntel: { state_directory: "/\${SECRET}" } }
`;

/** Nothing but braces and quotes, as JSON. */
const flat = JSON.stringify({
  file_format: "1.1",
  meter_provider: { readers: [{ pull: { exporter: { "prometheus/development": { port: 9464 } } } }] },
  distribution: {
    kerntel: { events: { dropwatch: { filter: "tcp port 80" } }, local_log: { max_size_mib: 64 } },
  },
});

/** Most edits hit a comment, and what is read is right. */
const commented = `${"# A comment of some length, in which an edit changes nothing.\n".repeat(40)}${references}`;

let declarations: ReturnType<typeof declare> | undefined;

export const configuration: FuzzedReader = {
  name: "configuration",
  seeds: () => [references, flat, commented].map((text) => Buffer.from(text)),
  read(bytes) {
    writeFileSync(path, bytes);
    declarations ??= declare(createEvents());
    try {
      const { warnings } = readConfig({ path, environment, declarations });
      warnings.map(formatMistake).forEach(checkMessage);
      return false;
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      assert.ok(error.mistakes.length > 0, "a refusal has a reason");
      error.mistakes.map(formatMistake).forEach(checkMessage);
      return true;
    }
  },
};

function checkMessage(message: string): void {
  for (const hidden of [SECRET, DIGITS])
    assert.ok(!message.includes(hidden), "a message has nothing of the environment");
  assert.doesNotMatch(message, /\p{Cc}/u, "a message is one line of text");
}
