/** Where each event hooks in on the running kernel. */
import assert from "node:assert/strict";
import { everyEvent } from "./chosen-events.ts";
import { noteKernel } from "./kernel-note.ts";
import { liveTest } from "./live-test.ts";
import { shareKerntel } from "./shared-kerntel.ts";

liveTest("every event runs, or says what the kernel lacks", async (context) => {
  const kerntel = await shareKerntel(everyEvent);
  const reports = [...(await kerntel.reports()).values()];
  assert.ok(reports.length > 0);
  for (const { name, state, hook, reason } of reports) {
    assert.ok(state === "running" || state === "unsupported", `${name} is ${state}: ${reason}`);
    if (state === "running") noteKernel(context, name, "hook", String(hook));
    else noteKernel(context, name, "unsupported", String(reason));
  }
});
