import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, release, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { describeHost, nameArchitecture } from "./host-resource.ts";

test("the host is described by its machine id, its os-release and its kernel", (t) => {
  const etc = mkdtempSync(join(tmpdir(), "kerntel-etc-"));
  t.after(() => rmSync(etc, { recursive: true }));
  writeFileSync(join(etc, "machine-id"), "0123456789abcdef0123456789abcdef\n");
  writeFileSync(
    join(etc, "os-release"),
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  );
  const host = describeHost({}, etc);
  assert.equal(host["host.name"], hostname());
  assert.equal(host["host.id"], "0123456789abcdef0123456789abcdef");
  assert.equal(host["os.type"], "linux");
  assert.equal(host["os.name"], "Debian GNU/Linux");
  assert.equal(host["os.version"], "12");
  assert.match(String(host["os.description"]), /^Debian GNU\/Linux 12 \(bookworm\), Linux \d/);
});

test("what a host does not say is left out", () => {
  const host = describeHost({}, "/does/not/exist");
  assert.deepEqual(Object.keys(host), ["host.name", "host.arch", "os.type", "os.description"]);
  assert.ok(String(host["os.description"]).startsWith(`Linux ${release()} `));
});

test("configured attributes override and extend the host's", () => {
  const host = describeHost({ "host.name": "node-7", "deployment.environment.name": "test" });
  assert.equal(host["host.name"], "node-7");
  assert.equal(host["deployment.environment.name"], "test");
  assert.equal(host["os.type"], "linux");
});

for (const [node, convention] of [
  ["x64", "amd64"],
  ["arm64", "arm64"],
  ["arm", "arm32"],
  ["ia32", "x86"],
  ["s390x", "s390x"],
] as const) {
  test(`architecture ${node} is called ${convention}`, () =>
    assert.equal(nameArchitecture(node), convention));
}
