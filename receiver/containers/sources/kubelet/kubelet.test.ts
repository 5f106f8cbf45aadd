/** A kubelet that is down, slow, wrong or not who it says: nothing waits for it, and everything is counted. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:https";
import { createServer as createPlainServer } from "node:http";
import type { RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TestContext } from "node:test";
import { createEventLog } from "../../../tracing/event-log.ts";
import { AskedSource } from "../asked-source.ts";
import { openKubelet } from "./kubelet.ts";
import type { KubeletOptions } from "./kubelet.ts";

const folder = mkdtempSync(join(tmpdir(), "kerntel-kubelet-"));
after(() => {
  rmSync(folder, { recursive: true });
});
const pods = readFileSync(new URL("../fixtures/written-pods.json", import.meta.url));
const known = `1${"3".padStart(63, "0")}`;
const place = { path: "/docker/1", hierarchies: [0], isProven: true };
const wanted = [{ containerIds: [known], names: [], path: `/kubepods/${known}`, podUid: undefined, place }];
const tokenFile = join(folder, "token");
writeFileSync(tokenFile, "s3cret\n");

function makeCertificate(name: string, subject: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  execFileSync(
    "openssl",
    [
      ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=kubelet".split(
        " ",
      ),
      "-addext",
      `subjectAltName=${subject}`,
      "-keyout",
      key,
      "-out",
      cert,
    ],
    { stdio: "ignore" },
  );
  return { cert, key };
}

const trusted = makeCertificate("kubelet", "IP:127.0.0.1");
const misnamed = makeCertificate("misnamed", "DNS:elsewhere");

interface Asked {
  readonly source: AskedSource;
  readonly lines: string[];
}

async function serve(
  context: TestContext,
  answer: RequestListener,
  options: Partial<KubeletOptions> = {},
  certificate: typeof trusted = trusted,
): Promise<Asked> {
  const server = createServer(
    { cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) },
    answer,
  );
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return ask(context, (server.address() as AddressInfo).port, options);
}

function ask(context: TestContext, port: number, options: Partial<KubeletOptions>): Asked {
  const lines: string[] = [];
  const log = createEventLog({ name: "containers", write: (line) => lines.push(line) });
  const source = new AskedSource(
    {
      name: "kubelet",
      trust: 0,
      settings: {},
      findsNames: false,
      timeoutMs: 2_000,
      intervalMs: 0,
      isThere: () => true,
      open: () =>
        Promise.resolve(
          openKubelet({
            endpoint: `https://127.0.0.1:${port}`,
            tokenFile,
            caFile: trusted.cert,
            insecureSkipVerify: false,
            labels: { container: new Set(), pod: new Set() },
            ...options,
          }),
        ),
    },
    log,
    // Time stands still: what failed is left alone.
    () => 0,
  );
  context.after(() => source.close());
  return { source, lines };
}

const tellPods: RequestListener = (request, response) => {
  const isAllowed = request.headers.authorization === "Bearer s3cret" && request.url === "/pods";
  response.writeHead(isAllowed ? 200 : 401).end(isAllowed ? pods : "Unauthorized");
};

test("with the token of its file and a certificate that is trusted, the pods come", async (context) => {
  const { source } = await serve(context, tellPods);
  const [told] = (await source.find(wanted)) ?? [];
  assert.equal(told?.attributes["k8s.pod.name"], "web-6d5f7c9b8-x2x4k");
  assert.deepEqual(source.counts(), { answered: 1, failed: 0, disagreed: 0 });
});

test("what several cgroups want within a moment is asked once", async (context) => {
  let asked = 0;
  const { source } = await serve(context, (request, response) => {
    asked++;
    tellPods(request, response);
  });
  for (let batch = 0; batch < 5; batch++) await source.find(wanted);
  assert.equal(asked, 1);
});

test("a container that was not in the list yet is in the next one, within the second", async (context) => {
  const late = "a".repeat(64);
  let list = pods.toString().replaceAll(known, late);
  const { source } = await serve(context, (_, response) => void response.end(list));
  assert.deepEqual(await source.find(wanted), []);
  list = pods.toString();
  const deadlineMs = performance.now() + 900;
  let told: readonly unknown[] | undefined = [];
  while (told?.length === 0 && performance.now() < deadlineMs) told = await source.find(wanted);
  assert.equal(told?.length, 1);
});

test("the sandbox of a pod, which is in no list, has the pod by the uid in its path", async (context) => {
  const { source } = await serve(context, tellPods);
  const sandbox = "f".repeat(64);
  const [told] =
    (await source.find([
      { containerIds: [sandbox], names: [], path: "", podUid: "9d1e2f30-4b5c-4d6e-8f70-0a1b2c3d4e5f", place },
    ])) ?? [];
  assert.equal(told?.containerId, sandbox);
  assert.equal(told.attributes["k8s.pod.name"], "node-exporter-9zq7c");
  assert.equal(told.attributes["container.id"], undefined);
});

test("whoever wants it may believe any certificate", async (context) => {
  const { source } = await serve(context, tellPods, { insecureSkipVerify: true }, misnamed);
  assert.equal((await source.find(wanted))?.length, 1);
});

test("a kubelet that speaks in the clear does not get the token", async (context) => {
  const seen: (string | undefined)[] = [];
  const server = createPlainServer((request, response) => {
    seen.push(request.headers.authorization);
    response.end(pods);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const { source } = ask(context, port, { endpoint: `http://127.0.0.1:${port}` });
  assert.equal((await source.find(wanted))?.length, 1);
  assert.deepEqual(seen, [undefined]);
});

const troubles: readonly [
  what: string,
  answer: RequestListener,
  reason: RegExp,
  options?: Partial<KubeletOptions>,
  certificate?: typeof trusted,
][] = [
  ["is slow", () => {}, /no answer in 2 s/],
  [
    "begins and never ends",
    (_, response) => void response.writeHead(200).write('{"items":['),
    /no answer in 2 s/,
  ],
  ["answers garbage", (_, response) => void response.end("<html>"), /JSON/],
  ["answers something else", (_, response) => void response.end('{"kind":"Status"}'), /no list of pods/],
  ["refuses the token", (_, response) => void response.writeHead(401).end(), /answered 401/],
  ["hangs up", (request) => void request.socket.destroy(), /socket hang up|ECONNRESET/],
  [
    "has a certificate of somebody else",
    tellPods,
    /self-signed certificate|unable to verify/,
    { caFile: misnamed.cert },
  ],
  [
    "has a certificate for another name",
    tellPods,
    /IP: 127.0.0.1 is not in the cert's list/,
    { caFile: misnamed.cert },
    misnamed,
  ],
  ["has no token to show", tellPods, /ENOENT.*no-such-token/, { tokenFile: join(folder, "no-such-token") }],
];

for (const [what, answer, reason, options, certificate] of troubles) {
  test(`a kubelet that ${what} is counted, told of once and left alone`, async (context) => {
    const { source, lines } = await serve(context, answer, options, certificate);
    assert.equal(await source.find(wanted), undefined);
    assert.deepEqual(source.counts(), { answered: 0, failed: 1, disagreed: 0 });
    assert.equal(source.isReady, false);
    assert.equal(await source.find(wanted), undefined);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? "", reason);
    assert.doesNotMatch(lines[0] ?? "", /s3cret/);
  });
}

test("a kubelet that is down is counted and told of", async (context) => {
  const { source, lines } = ask(context, 1, {});
  assert.equal(await source.find(wanted), undefined);
  assert.match(lines[0] ?? "", /ECONNREFUSED/);
  assert.equal(source.counts().failed, 1);
});
