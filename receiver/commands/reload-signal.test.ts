import assert from "node:assert/strict";
import { test } from "node:test";
import type { KerntelConfig } from "#otel-config/config.ts";
import type { Program } from "../program.ts";
import { reload } from "./reload-signal.ts";

const config = { stateDirectory: "/state", events: {}, containers: {} } as unknown as KerntelConfig;

async function reloadWith(
  changed: readonly string[],
  choose: () => Partial<KerntelConfig>,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const program = { reload: () => Promise.resolve(changed) } as unknown as Program;
  await reload({
    program,
    config,
    choose: () => Promise.resolve({ config: { ...config, ...choose() }, events: new Map() }),
    write: (line) => void lines.push(line),
  });
  return lines;
}

test("the events that changed are named", async () => {
  assert.deepEqual(await reloadWith(["oom", "softirq"], () => ({})), [
    "kerntel: configuration read again, changed: oom, softirq\n",
  ]);
});

test("a change outside the events and the sources of containers is not taken and said", async () => {
  const lines = await reloadWith([], () => ({ stateDirectory: "/other" }));
  assert.deepEqual(lines, [
    "kerntel: configuration read again, nothing changed\n",
    "kerntel: what changed outside distribution.kerntel.events and .containers needs a restart\n",
  ]);
});

test("a change of the sources of containers needs no restart", async () => {
  const containers = { waitMs: 1 } as unknown as KerntelConfig["containers"];
  assert.deepEqual(await reloadWith(["containers"], () => ({ containers })), [
    "kerntel: configuration read again, changed: containers\n",
  ]);
});

test("a wrong configuration keeps the old one in force and says what is wrong", async () => {
  const lines = await reloadWith([], () => {
    throw new Error("kerntel.yaml:3: no such key");
  });
  assert.deepEqual(lines, [
    "kerntel: the configuration was not taken, the old one stays in force: kerntel.yaml:3: no such key\n",
  ]);
});
