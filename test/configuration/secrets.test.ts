/** A secret in every place of a file, in every wrong way: no message, no warning and no line has it. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { formatMistake, ConfigError } from "#otel-config/mistake.ts";
import { readConfig } from "#otel-config/read-config.ts";
import { createEvents, declare } from "#receiver/declarations.ts";
import { listPlaces, writeFileWith } from "./declared-places.ts";
import type { Place } from "./declared-places.ts";

const directory = mkdtempSync(join(tmpdir(), "kerntel-secrets-"));
after(() => rmSync(directory, { recursive: true }));
const path = join(directory, "kerntel.yaml");
const declarations = declare(createEvents());
const places = listPlaces(declarations);

/** In two halves, so that a message which has only one of them is found. */
const [first, second] = ["Qh7Canary", "Zw9Kestrel"];
const secret = `${first}${second}`;
const number = "918273645546372";
const needles = [first, second, number.slice(0, 9)].map((needle) => needle.toLowerCase());
const environment = {
  SECRET: secret,
  NUMBER: number,
  SHORT: "918273645",
  URL: `https://${first}:${second}@host/`,
  LINES: `-----BEGIN\n${secret}`,
};
const pem = `"-----BEGIN PRIVATE KEY-----\\n${secret}\\n-----END PRIVATE KEY-----\\n"`;

/** How a value is wrong, as YAML behind a key. */
const values: Readonly<Record<string, string>> = {
  "the secret itself": secret,
  "the secret in quotes": `"${secret}"`,
  "a secret of digits": number,
  "the text of a PEM file": pem,
  "several lines": `"${secret}\\n"`,
  "a list": `[${secret}, "${secret}\\n", ${number}]`,
  "the key of a map": `{ ${secret}: 1 }`,
  "the key of a list's map": `[{ ${secret}: ${secret} }]`,
  "the value of an unknown key": `{ token: ${secret} }`,
  "name and value of a list": `[{ name: ${secret}, value: [${secret}], type: ${secret}_array }]`,
  "more than one key": `{ ${secret}: 1, ${second}: 2 }`,
  "from the environment": "${SECRET}",
  "a number from the environment": "${NUMBER}",
  "a short number from the environment": "${SHORT}",
  "from the environment, in quotes": '"${SECRET}"',
  "in part from the environment": "a${SECRET}",
  "in a list from the environment": '["${SECRET}", "${NUMBER}", "${SHORT}"]',
  "a URL from the environment": "${URL}",
  "lines from the environment": '"${LINES}"',
  "a default": `\${UNSET:-${secret}}`,
  "a wrong default": `\${UNSET:?${secret}}`,
  "a reference that does not end": `\${${secret}`,
  "a URL whose password has a slash": `https://${first}:12/${second}@host`,
  "a URL whose password has a slash and no digit": `https://user:${first}/${second}@host/v1/logs`,
  "a URL whose password has an @": `https://user:${first}@${second}@host:port`,
  "a URL whose password has a space": `"https://user:${first} ${second}@host"`,
  "a URL whose password has a #": `"https://user:${first}#${second}@host"`,
  "a URL whose password has a ?": `"https://user:${first}?${second}@host"`,
  "a URL with a backslash": `"https://user:${first}\\\\${second}@host"`,
  "a URL without a scheme": `user:${secret}@host:4318`,
  "a URL whose user is the secret": `https://${secret}@host:port/`,
  "a URL of another scheme": `ftp://user:${secret}@host/`,
  "a scheme that is the secret": `${first}://user:${second}@host/`,
  "a URL with a token": `grpc://host/?token=${secret}`,
};

/** How YAML itself is wrong. */
const breaks: Readonly<Record<string, string>> = {
  "quotes that do not end": `"${secret}`,
  "single quotes that do not end": `'${secret}`,
  "a tag": `!${secret} x`,
  "a tag with a handle": `!x!${secret} x`,
  "a long tag": `!<${secret}> x`,
  "an alias of nothing": `*${secret}`,
  "two anchors": `&${first} &${second} x`,
  "two tags": `!!str !${secret} x`,
  "an alias with an anchor": `&${first} *${second}`,
  "an escape that there is not": `"\\q${secret}"`,
  "a reserved character": `@${secret}`,
  "a backquote": `\`${secret}\``,
  "a percent sign": `%${secret}`,
  "a map on one line": `x: ${secret}: y`,
  "text behind quotes": `"x" ${secret}`,
  "a block with more in its head": `|${secret}\n  x`,
  "a brace too many": `{ a: ${secret} }}`,
  "a brace that is missing": `{ a: ${secret}`,
  "a reference in braces": `{ a: \${UNSET:-${secret}} }`,
  "a wrong indentation": `\n  x: ${secret}\n ${second}: y\n${first}`,
  "a tab": `\n\t${secret}: y`,
  "a line that is no key": `x\n${secret}`,
  "a key twice": `{ ${secret}: 1, ${secret}: ${secret} }`,
  "a key that is a map": `{ ? { a: ${secret} } : 1 }`,
  "a merge key": `{ <<: ${secret} }`,
  "a second document": `x\n---\n${secret}`,
  "a directive": `x\n...\n%${secret} 1\n---\nx`,
  "a control character": `"\u0007${secret}`,
};

function messagesOf(text: string): string[] {
  writeFileSync(path, text);
  try {
    return readConfig({ path, environment, declarations }).warnings.map(formatMistake);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return [...error.mistakes.map(formatMistake), error.message, JSON.stringify(error.mistakes)];
  }
}

/** Asserts that no message has the secret; whether there was a message at all. */
function isRefusedWithoutSecret(what: string, text: string): boolean {
  const messages = messagesOf(text);
  for (const message of messages) {
    const small = message.toLowerCase();
    const found = needles.find((needle) => small.includes(needle));
    assert.equal(found, undefined, `${what}: ${text}\n\n${message}`);
  }
  return messages.length > 0;
}

/** The section that has the place, with another line in it. */
function beside(place: Place, line: string): string {
  const text = writeFileWith(place, "x");
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  const indent = " ".repeat(/^[ -]*/.exec(last)?.[0].length ?? 0);
  return `${text}${indent}${line}\n`;
}

const lines: Readonly<Record<string, string>> = {
  "an unknown key": `${secret}: 1`,
  "a key that is like none, with the secret as its value": `tokn: ${secret}`,
  "a line that is only the secret": secret,
  "a header written as a key": `Authorization: Bearer ${secret}`,
  "a reference as a key": "${SECRET}: 1",
};

test("the places that are declared are found by themselves", () => {
  assert.ok(places.length > 80, String(places.length));
  const known = [
    "api_key",
    "password",
    "token_file",
    "data_stream",
    "timeout",
    "attributes_list",
    "headers_list",
  ];
  for (const key of known)
    assert.ok(
      places.some((place) => place.at(-1) === key),
      key,
    );
});

// Place by place, because then what checks its section is compiled once.
for (const place of places) {
  test(`no message has a secret that is at ${place.join(".")}`, () => {
    const refused = Object.entries(values).filter(([what, yaml]) =>
      isRefusedWithoutSecret(what, writeFileWith(place, yaml)),
    );
    assert.ok(refused.length >= LEAST_REFUSED, `only ${refused.length} are refused, and so little is tested`);
    for (const [what, line] of Object.entries(lines))
      assert.ok(isRefusedWithoutSecret(what, beside(place, line)), what);
  });
}

/** A text in any form is right at some places; what is no text is not, nor is a wrong reference. */
const LEAST_REFUSED = 5;

/** What YAML itself refuses, it refuses wherever it is; one place of each section will do. */
const sections = new Map(places.map((place) => [place.slice(0, 3).join("."), place]));

for (const [what, yaml] of Object.entries(breaks)) {
  test(`no message has a secret where YAML is wrong: ${what}`, () => {
    for (const place of sections.values())
      assert.ok(isRefusedWithoutSecret(what, writeFileWith(place, yaml)), place.join("."));
  });
}
