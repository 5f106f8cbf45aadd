/** Inside the guest: runs the test files that the kernel command line names; each event of the run is one JSON line. */
import { openSync, writeSync } from "node:fs";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import type { GuestLine } from "../guest-line.ts";

const port = openSync(process.argv[2] ?? "/dev/stdout", "w");
const files = (process.env["KERNTEL_VM_TESTS"] ?? "").split(",");

function send(line: GuestLine): void {
  const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
  for (let sent = 0; sent < bytes.length;) sent += writeSync(port, bytes, sent);
}

function toLine({ type, data }: TestEvent): GuestLine | undefined {
  if (type === "test:diagnostic" && data.file !== undefined)
    return { type: "diagnostic", message: data.message };
  if (type === "test:stderr") process.stderr.write(data.message);
  if (type !== "test:pass" && type !== "test:fail") return undefined;
  // A suite that fails by itself, not by one of its tests, would be lost otherwise.
  if (data.details.type === "suite" && type === "test:pass") return undefined;
  const { name, skip, file = "" } = data;
  return {
    type: "result",
    name,
    file,
    durationMs: data.details.duration_ms,
    ...(skip === undefined || skip === false ? {} : { skip: String(skip) }),
    ...(type === "test:fail" && { failure: describeFailure(data.details.error) }),
  };
}

/** What the test threw, without the runner's own wrapping. */
function describeFailure(error: Error): string {
  return inspect(error.cause ?? error, { depth: 4 });
}

// In one process: Node starts slowly here, and the files share what they can.
for await (const event of run({ files, isolation: "none" }) as AsyncIterable<TestEvent>) {
  const line = toLine(event);
  if (line !== undefined) send(line);
}
send({ type: "end" });
