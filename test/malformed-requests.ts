/** Requests that no client should send, byte by byte, for every HTTP server of the receiver. */
import { once } from "node:events";
import { connect } from "node:net";
import type { NetConnectOpts } from "node:net";

const host = "Host: a\r\n";
const ends = `${host}Connection: close\r\n\r\n`;
const target = (text: string): string => `GET ${text} HTTP/1.1\r\n${ends}`;

/** What a target may be made of, so that it is nearly one. */
const targets = [
  "//",
  "///",
  "//:",
  "//[",
  "/\\",
  "\\\\",
  "http://",
  "http:///",
  "http://[",
  "http://a:99999/events",
  "http://%/events",
  "http://a b/events",
  "*",
  "?",
  "#",
  "%",
  "/%",
  "/%00",
  "/query?%",
  "/query?since=%ff",
  "/query?limit=1e999",
  "/__proto__",
  "/constructor",
  "__proto__",
  "file:///etc/passwd",
  "javascript:",
  `/${"a".repeat(15_000)}`,
  `/${"?".repeat(2_000)}`,
  "/\u007f",
  "/\u00e9",
  "",
];

export const malformedRequests: readonly string[] = [
  ...targets.map(target),
  `CONNECT a:1 HTTP/1.1\r\n${ends}`,
  `CONNECT // HTTP/1.1\r\n${ends}`,
  `OPTIONS * HTTP/1.1\r\n${ends}`,
  `HEAD // HTTP/1.1\r\n${ends}`,
  `POST // HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nab`,
  `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
  `GET // HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  `GET // HTTP/1.1\r\n${host}Expect: what\r\n\r\n`,
  `GET // HTTP/1.0\r\n\r\n`,
  `GET //\r\n`,
  `GET // HTTP/9.9\r\n${ends}`,
  `get / HTTP/1.1\r\n${ends}`,
  `GET / HTTP/1.1\r\n\r\n`,
  `GET / HTTP/1.1\r\n${host}${host}\r\n`,
  `GET / HTTP/1.1\r\nHost: ${"a".repeat(20_000)}\r\n\r\n`,
  `GET / HTTP/1.1\r\n: a\r\n\r\n`,
  "\r\n\r\n",
  "\0\0\0\0",
  "\u0016\u0003\u0001",
  `GET // HTTP/1.1\r\n${host}\r\nGET // HTTP/1.1\r\n${ends}`,
];

/** Sends the bytes and nothing more, and resolves when the connection is over. */
export async function sendRequest(server: NetConnectOpts, bytes: string): Promise<string> {
  const socket = connect({ ...server, allowHalfOpen: false });
  let answer = "";
  socket.setEncoding("latin1").on("data", (text: string) => (answer += text));
  // A server that hangs up while it is still written to is right to do so.
  socket.on("error", () => {});
  socket.end(bytes, "latin1");
  await once(socket, "close");
  return answer;
}
