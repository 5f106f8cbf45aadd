import assert from "node:assert/strict";
import { test } from "node:test";
import { spareDescriptors } from "#exporters/descriptors.ts";
import { explainScarceDescriptors, requireDescriptors } from "./require-descriptors.ts";

const few = spareDescriptors.others - 1;

test("a start with too few descriptors ends with what to do, and one with enough goes on", () => {
  assert.throws(() => requireDescriptors(few), {
    code: "TOO_FEW_DESCRIPTORS",
    message: /only 63 more files .* need 64: raise its limit .*LimitNOFILE/,
  });
  requireDescriptors(spareDescriptors.others);
  requireDescriptors(Number.POSITIVE_INFINITY);
});

test("a receiver whose events took nearly all descriptors says what that costs", () => {
  assert.match(explainScarceDescriptors(few) ?? "", /only 63 .* nobody can scrape metrics: raise/);
  assert.equal(explainScarceDescriptors(spareDescriptors.others), undefined);
});
