import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { readers, waitUntil } from "./fixtures/slow-readers.ts";

const MIB = 1024 * 1024;
/** Some 5 MB, of which 1 MiB and what the kernel holds may wait. */
const LINES = 5_000;
const LINE_BYTES = 1_000;

for (const which of ["out", "err"] as const) {
  for (const [kind, start] of Object.entries(readers)) {
    const name = `std${which}`;

    test(`a ${kind} that is not read, as ${name}, stops nothing, and what is dropped is counted`, async (context) => {
      const printing = start(context, which, LINES, 0);
      const full = await waitUntil("lines that are dropped", () => {
        const status = printing.status();
        return status !== undefined && status.dropped > 0 ? status : undefined;
      });
      assert.ok(full.written * LINE_BYTES < MIB, "the kernel takes little more than nothing");
      await waitUntil("a process that goes on", () => {
        const { ticks = 0 } = printing.status() ?? {};
        return ticks > full.ticks + 20 || undefined;
      });
      // Reading goes on with a line that says what is missing, where it is missing.
      const text = await printing.readUntil(`for ${name} lost: they were not read in time\n`);
      const lines = text.split("\n");
      const end = lines.findIndex((line) => line.startsWith("kerntel: "));
      lines.slice(0, end).forEach((line, index) => {
        assert.equal(line, `${index} ${"x".repeat(LINE_BYTES)}`);
      });
    });

    test(`a ${kind} that is never read, as ${name}, holds the end up for a while only, and the loss is said`, async (context) => {
      const printing = start(context, which, 1_000, 300);
      const { pid } = await waitUntil("all lines", () => {
        const status = printing.status();
        return status !== undefined && status.ticks >= 5 ? status : undefined;
      });
      process.kill(pid, "SIGTERM");
      // A thread that hangs in a write can only be ended with its process.
      assert.equal(await printing.ended(), kind === "terminal of another user" ? 128 + 9 : 0);
      const { written = 0, dropped = 0 } = printing.status() ?? {};
      assert.match(
        printing.other(),
        /^kerntel: \d+ lines for std(?:out|err) lost: they were not read in time\n$/,
      );
      const lost = Number(/\d+/.exec(printing.other())?.[0]);
      assert.ok(
        dropped === 0 && lost === 1_000 - written,
        `${lost} lost, ${written} written, ${dropped} dropped`,
      );
    });

    test(`a ${kind} that is read late, as ${name}, gets everything before the end`, async (context) => {
      const printing = start(context, which, 1_000, 60_000);
      const { pid } = await waitUntil("all lines", () => {
        const status = printing.status();
        return status !== undefined && status.ticks >= 5 ? status : undefined;
      });
      process.kill(pid, "SIGTERM");
      const text = await printing.readUntil(`\n999 ${"x".repeat(LINE_BYTES)}\n`);
      assert.equal(await printing.ended(), 0);
      assert.equal(text.split("\n").length, 1_001);
      assert.equal(printing.other(), "");
    });
  }
}

function runScript(shell: string, script: string): { stdout: string; stderr: string } {
  const module = join(import.meta.dirname, "standard-outputs.ts");
  const whole = `import { closeOutputs, openStandardOutputs } from ${JSON.stringify(module)};
    const { out, err } = openStandardOutputs();
    ${script}
    await closeOutputs({ out, err });
    process.exit(0);`;
  const { stdout, stderr } = spawnSync("sh", ["-c", shell, process.execPath, whole], { encoding: "utf8" });
  return { stdout, stderr };
}

test("what libraries and Node print takes the same way", () => {
  const { stdout, stderr } = runScript(
    '"$0" --input-type=module-typescript -e "$1"',
    `console.log("one\\u001b[31m\\ntwo");
    console.error("three\\u009b");
    process.emitWarning("four\\u202e");
    await new Promise(setImmediate);`,
  );
  assert.equal(stdout, "one\\u{1b}[31m\ntwo\n");
  assert.equal(stderr, "three\\u{9b}\nkerntel: Warning: four\\u{202e}\n");
});

test("where both streams are one pipe, lines stay whole", () => {
  const { stdout } = runScript(
    '"$0" --input-type=module-typescript -e "$1" 2>&1 | cat',
    `for (let index = 0; index < 60; index += 1)
      for (const output of [out, err]) output.writeLine(output.name[3].repeat(5_000));`,
  );
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 120);
  for (const line of lines) assert.match(line, /^(?:o{5000}|e{5000})$/);
});
