/** What a text must look like beyond being a text; named in the schema as `format`. */
import { accessSync, constants, statSync } from "node:fs";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { isAbsolute } from "node:path";
import { readPairs } from "./key-value-list.ts";
import { readSocketPath } from "./socket-path.ts";

interface Format {
  readonly test: (text: string) => boolean;
  /** After "allowed: ". */
  readonly allowed: string;
  /** What the code gets, where that is not the text itself. */
  readonly read?: (text: string) => unknown;
}

export const formats: Readonly<Record<string, Format>> = {
  "absolute-path": { test: isAbsolute, allowed: "an absolute path" },
  "readable-file": {
    test: isReadableFile,
    allowed: "the absolute path of a file that can be read",
  },
  "socket-path": {
    test: (text) => isAbsolute(readSocketPath(text)),
    allowed:
      "the absolute path of a Unix socket, as /run/containerd/containerd.sock; unix:// may stand before it",
    read: readSocketPath,
  },
  "http-url": {
    test: isHttpUrl,
    allowed:
      "a full http:// or https:// URL, as http://localhost:4318/v1/logs, with @, / and spaces percent-encoded",
  },
  "grpc-url": {
    test: isGrpcUrl,
    allowed: "http://host:port or, with TLS, https://host:port; gRPC has no path",
  },
  "node-url": {
    test: isNodeUrl,
    allowed: "an http:// or https:// URL without user and password in it, as https://localhost:9200",
  },
  "header-name": { test: isHeaderName, allowed: "the name of an HTTP header" },
  "header-value": {
    test: isHeaderValue,
    allowed: "the value of an HTTP header: printable characters on one line",
  },
  "header-list": {
    test: isHeaderList,
    allowed: "name=value, separated by commas; values percent-encoded",
    read: (text) => Object.fromEntries(readPairs(text) ?? []),
  },
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

/**
 * In `https://user:pass/word@host`, `user` would be the host, and a part of the password its port: an @ behind the host must
 * be written as %40.
 */
function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s\\]+$/i.test(text) || !URL.canParse(text)) return false;
  const { pathname, search, hash } = new URL(text);
  return !`${pathname}${search}${hash}`.includes("@");
}

function isGrpcUrl(text: string): boolean {
  return isNodeUrl(text) && new URL(text).pathname === "/";
}

function isNodeUrl(text: string): boolean {
  if (!isHttpUrl(text)) return false;
  const { username, password } = new URL(text);
  return username === "" && password === "";
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
