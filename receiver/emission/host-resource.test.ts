import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { describeHost, nameArchitecture } from "./host-resource.ts";

/** A file system with these files. */
function makeRoot(context: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-host-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

const ID = "0123456789abcdef0123456789abcdef";
const OTHER_ID = "fedcba9876543210fedcba9876543210";
const OS_RELEASE =
  'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n';

test("the host is described by its machine id, its os-release and its kernel", (context) => {
  const files = { "etc/machine-id": `${ID}\n`, "etc/os-release": OS_RELEASE };
  const host = describeHost({}, makeRoot(context, files));
  assert.equal(host["host.name"], hostname());
  assert.equal(host["host.id"], ID);
  assert.equal(host["os.type"], "linux");
  assert.equal(host["os.name"], "Debian GNU/Linux");
  assert.equal(host["os.version"], "12");
  assert.match(String(host["os.description"]), /^Debian GNU\/Linux 12 \(bookworm\), Linux \d/);
});

for (const [what, etc, dbus, expected] of [
  ["the one of systemd before the one of D-Bus", ID, OTHER_ID, ID],
  ["the one of D-Bus where there is no other", undefined, `${OTHER_ID}\n`, OTHER_ID],
  ["the one of D-Bus where systemd's is empty", "", OTHER_ID, OTHER_ID],
  ["the one of D-Bus where systemd's is uninitialized", "uninitialized\n", OTHER_ID, OTHER_ID],
  ["in small letters", ID.toUpperCase(), undefined, ID],
  ["none where it is uninitialized", "uninitialized\n", undefined, undefined],
  ["none where it is all zeros", "0".repeat(32), undefined, undefined],
  ["none where it is too short", ID.slice(1), undefined, undefined],
  ["none where it is a UUID with dashes", "01234567-89ab-cdef-0123-456789abcdef", undefined, undefined],
  ["none where more follows", `${ID}\n${OTHER_ID}`, undefined, undefined],
  ["none where nothing is there", undefined, undefined, undefined],
] as const) {
  test(`the machine id is ${what}`, (context) => {
    const files = {
      ...(etc === undefined ? {} : { "etc/machine-id": etc }),
      ...(dbus === undefined ? {} : { "var/lib/dbus/machine-id": dbus }),
    };
    const host = describeHost({}, makeRoot(context, files));
    assert.equal(host["host.id"], expected);
    assert.equal("host.id" in host, expected !== undefined);
  });
}

test("os-release of /usr/lib counts where /etc has none, and only there", (context) => {
  const fallback = describeHost({}, makeRoot(context, { "usr/lib/os-release": OS_RELEASE }));
  assert.equal(fallback["os.name"], "Debian GNU/Linux");
  const files = { "etc/os-release": "NAME=Other\n", "usr/lib/os-release": OS_RELEASE };
  const host = describeHost({}, makeRoot(context, files));
  assert.equal(host["os.name"], "Other");
  assert.equal(host["os.version"], undefined);
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
