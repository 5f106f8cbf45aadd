import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findForeignHand } from "./root-owned.ts";

const NOBODY = 65534;
const skip = process.getuid?.() === 0 ? false : "only root can make files of other users";

/** `plant` changes a folder with two files and a link, which is fine as it is. */
function findIn(plant: (folder: string) => void): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-root-"));
  try {
    const folder = join(directory, "way/plug-in");
    mkdirSync(join(folder, "dist"), { recursive: true });
    for (const file of ["dist/plugin.js", "package.json"]) writeFileSync(join(folder, file), "");
    symlinkSync("dist/plugin.js", join(folder, "link"));
    plant(folder);
    return findForeignHand(folder);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test("a folder of root's, below a sticky directory, is fine", { skip }, () => {
  assert.equal(
    findIn(() => {}),
    undefined,
  );
});

const cases: Readonly<Record<string, readonly [plant: (folder: string) => void, problem: RegExp]>> = {
  "a folder of another user": [
    (folder) => chownSync(folder, NOBODY, 0),
    /its path, which belongs to user 65534/,
  ],
  "a directory of another user on the way": [
    (folder) => chownSync(join(folder, ".."), NOBODY, 0),
    /part of its path before the last, which belongs to user 65534/,
  ],
  "a directory on the way that others can write": [
    (folder) => chmodSync(join(folder, ".."), 0o777),
    /before the last, which other users can write/,
  ],
  "a folder that others can write, sticky or not": [
    (folder) => chmodSync(folder, 0o1777),
    /last part of its path, which other users can write/,
  ],
  "a file of another user in it": [
    (folder) => chownSync(join(folder, "dist/plugin.js"), NOBODY, 0),
    /contains dist\/plugin\.js, which belongs to user 65534/,
  ],
  "a file in it that its group can write": [
    (folder) => chmodSync(join(folder, "package.json"), 0o664),
    /contains package\.json, which other users can write/,
  ],
  "a link in it that leads out": [
    (folder) => symlinkSync("/etc/hostname", join(folder, "out")),
    /contains out, a symbolic link that leads out of it/,
  ],
  "a link of another user in it": [
    (folder) => lchownSync(join(folder, "link"), NOBODY, 0),
    /contains link, which belongs to user 65534/,
  ],
};

for (const [title, [plant, problem]] of Object.entries(cases)) {
  test(`${title} is found`, { skip }, () => {
    assert.match(findIn(plant) ?? "", problem);
  });
}

test("a link of root's on the way is followed, and what it leads to is looked at", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-root-"));
  try {
    mkdirSync(join(directory, "real"));
    symlinkSync("real", join(directory, "link"));
    assert.equal(findForeignHand(join(directory, "link")), undefined);
    chownSync(join(directory, "real"), NOBODY, 0);
    assert.match(findForeignHand(join(directory, "link")) ?? "", /belongs to user 65534/);
    lchownSync(join(directory, "link"), NOBODY, 0);
    assert.match(findForeignHand(join(directory, "link")) ?? "", /belongs to user 65534/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test("links in a circle end, and what is missing is the system's error", { skip }, () => {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-root-"));
  try {
    symlinkSync("circle", join(directory, "circle"));
    assert.throws(() => findForeignHand(join(directory, "circle")), { code: "ELOOP" });
    assert.throws(() => findForeignHand(join(directory, "missing")), { code: "ENOENT" });
    writeFileSync(join(directory, "file"), "");
    assert.match(findForeignHand(join(directory, "file")) ?? "", /is not a directory/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
