import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { generateEventLists } from "./generate-event-lists.ts";

const telemetry = (name: string, annotations: string): string => `file_format: definition/2
events:
  - name: kerntel.${name}
    brief: Something happened.
    stability: development
    annotations: { kerntel: { severity: 9${annotations} } }
    attributes: []
`;

const files: Readonly<Record<string, string>> = {
  "receiver/telemetry/telemetry.yaml": "file_format: definition/2\n",
  "README.md": "# Top\n\n<!-- events:begin -->\n<!-- events:end -->\n\nBehind.\n",
  "events/README.md": "# Events\n\n<!-- events:begin hook -->\n<!-- events:end -->\n",
  "events/tail_loss/event.ts": "export function createTailLoss() {}\n",
  "events/tail_loss/telemetry.yaml": telemetry("tail_loss", ""),
  "events/tail_loss/tail_loss.bpf.c":
    'SEC("tp_btf/tail")\nint a;\nSEC("tp_btf/tail")\nint b;\nSEC("iter/task")\n',
  "events/link/event.ts": "export function createLink() {}\n",
  "events/link/telemetry.yaml": telemetry("link", ', summary: a link came, hook: "rtnetlink"'),
};

function plant(context: TestContext, changed: Readonly<Record<string, string>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), "kerntel-events-"));
  context.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries({ ...files, ...changed })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test("the folders of events become the list in code and the tables of both READMEs", async (context) => {
  const root = plant(context);
  const all = ["events/index.ts", "README.md", "events/README.md"];
  assert.deepEqual(await generateEventLists(root, true), all);
  assert.deepEqual(await generateEventLists(root, false), all);
  const index = readFileSync(join(root, "events/index.ts"), "utf8");
  assert.match(index, /import \{ createLink \} from "\.\/link\/event\.ts";\nimport \{ createTailLoss \}/);
  assert.match(index, /registerEventTracing\("tail_loss", createTailLoss\);\n\}/);
  const top = readFileSync(join(root, "README.md"), "utf8");
  assert.match(top, /\| \[link\]\(events\/link\/README\.md\) +\| a link came +\|/);
  assert.match(top, /\|\n\n<!-- events:end -->\n\nBehind\.\n$/);
  const lower = readFileSync(join(root, "events/README.md"), "utf8");
  assert.match(lower, /\| \[link\]\(link\/README\.md\) +\| rtnetlink +\| a link came +\|/);
  assert.match(lower, /\| \[tail_loss\]\(.*\) \| `tp_btf\/tail`, `iter\/task` \| Something happened\. +\|/);
  assert.deepEqual(await generateEventLists(root, true), [], "they would be written again");
});

const refused: readonly (readonly [what: string, path: string, text: string, said: RegExp])[] = [
  [
    "without a factory",
    "events/link/event.ts",
    "export function createLinks() {}\n",
    /events\/link\/event\.ts must export createLink,/,
  ],
  [
    "without telemetry",
    "events/other/event.ts",
    "export function createOther() {}\n",
    /events\/other\/telemetry\.yaml must define the event kerntel\.other/,
  ],
  [
    "that names a hook which its kernel half does not have",
    "events/tail_loss/telemetry.yaml",
    telemetry("tail_loss", ', hook: "`iter/task`, `tp_btf/head`"'),
    /tail_loss\/telemetry\.yaml: the kernel half has no program at tp_btf\/head/,
  ],
];

for (const [what, path, text, said] of refused) {
  test(`an event ${what} is refused by its name`, async (context) => {
    await assert.rejects(generateEventLists(plant(context, { [path]: text }), true), said);
  });
}

test("a README without a place for the table is refused", async (context) => {
  await assert.rejects(
    generateEventLists(plant(context, { "README.md": "# Top\n" }), true),
    /^Error: README\.md needs a line <!-- events:begin -->/,
  );
});
