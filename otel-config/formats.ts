/** What a text must look like beyond being a text; named in the schema as `format`. */
import { accessSync, constants, statSync } from "node:fs";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { isAbsolute } from "node:path";
import { readPairs } from "./key-value-list.ts";

interface Format {
  readonly test: (text: string) => boolean;
  /** After "allowed: ". */
  readonly allowed: string;
}

export const formats: Readonly<Record<string, Format>> = {
  "absolute-path": { test: isAbsolute, allowed: "an absolute path" },
  "readable-file": {
    test: isReadableFile,
    allowed: "the absolute path of a file that can be read",
  },
  "http-url": {
    test: isHttpUrl,
    allowed: "a full http:// or https:// URL, as http://localhost:4318/v1/logs",
  },
  "header-name": { test: isHeaderName, allowed: "the name of an HTTP header" },
  "header-value": {
    test: isHeaderValue,
    allowed: "the value of an HTTP header: printable characters on one line",
  },
  "header-list": { test: isHeaderList, allowed: "name=value, separated by commas; values percent-encoded" },
  "key-value-list": {
    test: (text) => readPairs(text) !== undefined,
    allowed: "name=value, separated by commas; values percent-encoded",
  },
};

function isReadableFile(path: string): boolean {
  if (!isAbsolute(path)) return false;
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function isHttpUrl(text: string): boolean {
  return /^https?:\/\/./i.test(text) && URL.canParse(text);
}

function isHeaderName(name: string): boolean {
  return succeeds(() => validateHeaderName(name));
}

function isHeaderValue(value: string): boolean {
  return succeeds(() => validateHeaderValue("x", value));
}

function isHeaderList(text: string): boolean {
  return readPairs(text)?.every(([name, value]) => isHeaderName(name) && isHeaderValue(value)) ?? false;
}

function succeeds(check: () => void): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}
