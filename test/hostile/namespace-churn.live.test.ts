/** A user who makes network namespaces: the table keeps whose the others are, and the user's own are bounded and counted. */
import { isDisposable } from "../live/kernel-note.ts";
import { liveTest } from "../live/live-test.ts";
import { attackByNamespaceChurn, checkNamespaces } from "./namespace-churn.ts";

/** The long form makes more than the table has room for: `make prove PART=hostile`. */
const DURATION_MS = isDisposable ? 10_000 : 6_000;

liveTest("network namespaces that a user makes in great numbers hide no container's", async (context) => {
  const figures = await attackByNamespaceChurn({ durationMs: DURATION_MS });
  const { known, evicted, suppressed } = checkNamespaces(figures);
  context.diagnostic(
    `${figures.made} namespaces made: ${known} known, ${evicted} evicted, ${suppressed} suppressed`,
  );
});
