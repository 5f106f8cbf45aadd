/** SECURITY.md promises a test for each thing that holds: it must name tests that are there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "..");

interface NamedTest {
  readonly path: string;
  /** An ellipsis at the end stands for the rest of the title. */
  readonly title: string;
}

function findNamed(page: string): NamedTest[] {
  return [...page.matchAll(/`([\w./-]+\.test\.ts) › ([^`]+)`/g)].map(([, path = "", title = ""]) => ({
    path,
    title,
  }));
}

const escape = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);

/** Titles of a file, with `${…}` for whatever stands there. */
function titlePatterns(source: string): RegExp[] {
  const titles = [...source.matchAll(/[tT]est\(\s*(["`])((?:(?!\1)[^\\]|\\.)*)\1/g)].map(
    ([, , title = ""]) => title,
  );
  return titles.map(
    (title) =>
      new RegExp(
        `^${title
          .split(/\$\{[^}]*\}/)
          .map(escape)
          .join(".+")}$`,
      ),
  );
}

function isThere({ path, title }: NamedTest, folder: string = root): boolean {
  if (!existsSync(join(folder, path))) return false;
  const patterns = titlePatterns(readFileSync(join(folder, path), "utf8"));
  if (!title.endsWith("…")) return patterns.some((pattern) => pattern.test(title));
  const beginning = title.slice(0, -1);
  return patterns.some((pattern) => isBeginning(pattern, beginning));
}

/** Whether some whole title begins so: the pattern is shortened until what is left fits. */
function isBeginning({ source }: RegExp, beginning: string): boolean {
  const parts = source.slice(1, -1).split(".+");
  const [first = "", ...others] = parts.map((part) => part.replaceAll("\\", ""));
  if (others.length === 0 || beginning.length <= first.length) return first.startsWith(beginning);
  return beginning.startsWith(first);
}

const page = readFileSync(join(root, "SECURITY.md"), "utf8");

test("every test that the page of security names exists, by its file and title", () => {
  const named = findNamed(page);
  assert.ok(named.length >= 15, `${named.length} tests`);
  for (const each of named) assert.ok(isThere(each), `${each.path} › ${each.title}`);
});

test("every kind of attacker has a test that shows what holds", () => {
  const rows = page.split("\n").filter((line) => line.startsWith("| **"));
  assert.ok(rows.length >= 7, `${rows.length} rows`);
  const silent = rows.filter((row) => findNamed(row).length === 0 && !row.includes("the test before"));
  assert.deepEqual(silent, []);
});

test("a test that is gone, and one that has another title, are missed", () => {
  const [real] = findNamed(page);
  assert.ok(real !== undefined);
  assert.equal(isThere({ ...real, path: "test/gone.test.ts" }), false);
  assert.equal(isThere({ ...real, title: `${real.title} more` }), false);
  assert.equal(isThere({ ...real, title: "no such…" }), false);
});
