/** Inside the guest: runs the test files that the kernel command line names; each event of the run is one JSON line. */
import { openSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { run } from "node:test";
import type { TestEvent } from "node:test/reporters";
import { inspect } from "node:util";
import { titleSeparator } from "../../live/live-test.ts";
import { bundledPath, sourcePath } from "../bundled-path.ts";
import type { GuestLine } from "../guest-line.ts";

const port = openSync(process.argv[2] ?? "/dev/stdout", "w");
const files = (process.env["KERNTEL_VM_TESTS"] ?? "").split(",").map(bundledPath);

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
  const { skip } = data;
  return {
    type: "result",
    ...placeOf(data),
    durationMs: data.details.duration_ms,
    ...(skip === undefined || skip === false ? {} : { skip: String(skip) }),
    ...(type === "test:fail" && { failure: describeFailure(data.details.error) }),
  };
}

/** Live tests are made by a function that says in their title which file called it. */
function placeOf({ name, file = "" }: { readonly name: string; readonly file?: string }): {
  name: string;
  file: string;
} {
  const [caller, title] = name.split(titleSeparator, 2);
  const place = title === undefined ? file : (caller ?? "");
  return { name: title ?? name, file: sourcePath(place) };
}

/** What the test threw, without the runner's own wrapping. */
function describeFailure(error: Error): string {
  return inspect(error.cause ?? error, { depth: 4 });
}

/** So that what the kernel says, and a test that hangs, can be told apart on the console. */
function announce({ type, data }: TestEvent): void {
  if (type !== "test:dequeue" || data.type !== "test") return;
  const { name, file } = placeOf(data);
  process.stderr.write(`test: ${basename(file)}: ${name}\n`);
}

// In one process: Node starts slowly here, and the files share what they can.
for await (const event of run({ files, isolation: "none" }) as AsyncIterable<TestEvent>) {
  announce(event);
  const line = toLine(event);
  if (line === undefined) continue;
  // The console is there at once, and also when the guest is ended before the report.
  if (line.type === "result" && line.failure !== undefined)
    process.stderr.write(`failed: ${line.name}\n${line.failure}\n`);
  send(line);
}
send({ type: "end" });
