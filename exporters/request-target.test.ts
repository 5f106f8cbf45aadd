import assert from "node:assert/strict";
import { test } from "node:test";
import { readRequestTarget } from "./request-target.ts";

for (const [target, path, query] of [
  ["/metrics", "/metrics", ""],
  ["/metrics?a=b?c&d=", "/metrics", "a=b%3Fc&d="],
  ["http://127.0.0.1:9464/metrics", "/metrics", ""],
  ["HTTP://[::1]:9464/metrics?a=b#c", "/metrics", "a=b"],
  ["https://user@host", "/", ""],
  ["http://host?a=b", "/", "a=b"],
  ["//", "//", ""],
  ["//host/metrics", "//host/metrics", ""],
  ["*", "*", ""],
  ["host:9464", "host:9464", ""],
  ["ftp://host/metrics", "ftp://host/metrics", ""],
  ["http://host:99999/metrics", "http://host:99999/metrics", ""],
  ["", "", ""],
] as const) {
  test(`the target "${target}" has the path "${path}"`, () => {
    const read = readRequestTarget(target);
    assert.equal(read.path, path);
    assert.equal(read.query.toString(), query);
  });
}
