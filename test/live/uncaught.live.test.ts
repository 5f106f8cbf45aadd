/** Nothing that a client sends ends the receiver. */
import assert from "node:assert/strict";
import { malformedRequests, sendRequest } from "../malformed-requests.ts";
import { liveTest } from "./live-test.ts";
import { controlSocket } from "./control-socket.ts";
import { readMetric } from "./running-kerntel.ts";
import { shareKerntel } from "./shared-kerntel.ts";

liveTest(
  "the receiver survives every malformed request on its control socket, and caught each of them",
  async () => {
    const kerntel = await shareKerntel("      dropwatch: {}");
    const path = controlSocket(kerntel.stateDirectory);
    for (const request of malformedRequests) await sendRequest({ path }, request);
    assert.equal((await kerntel.reports()).get("dropwatch")?.state, "running");
    assert.deepEqual([...readMetric(await kerntel.metrics(), "kerntel_uncaught_errors_total")], []);
    assert.doesNotMatch(kerntel.err, /uncaught/);
  },
);
