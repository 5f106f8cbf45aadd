/** Where each event hooks in on the running kernel. */
import assert from "node:assert/strict";
import { noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { RunningKerntel } from "./running-kerntel.ts";

liveTest("every event runs, or says what the kernel lacks", async (context) => {
  await using kerntel = await RunningKerntel.start();
  const reports = [...(await kerntel.reports()).values()];
  assert.ok(reports.length > 0);
  for (const { name, state, hook, reason } of reports) {
    assert.ok(state === "running" || state === "unsupported", `${name} is ${state}: ${reason}`);
    if (state === "running") noteKernel(context, name, "hook", String(hook));
    else noteKernel(context, name, "unsupported", String(reason));
  }
});
