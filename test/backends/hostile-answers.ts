/** The table of what a hostile or broken backend does with a request, over HTTP/1.1 and in its gRPC form over HTTP/2. */
import type { ServerHttp2Stream } from "node:http2";
import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";

export interface HostileAnswer {
  readonly title: string;
  /** The socket is the answer's alone; the request's headers have been read. */
  readonly http: (socket: Socket) => void;
  readonly grpc: (stream: ServerHttp2Stream) => void;
}

const GRPC = { ":status": 200, "content-type": "application/grpc" };
/** 16 MiB of zeros in 16 KiB, 64 times: a gzip file of several members, 1 GiB in all. */
const bomb: Buffer = Buffer.concat(
  Array.from({ length: 64 }).fill(gzipSync(Buffer.alloc(16 * 1024 * 1024))) as Buffer[],
);
const DAY_SECONDS = 86_400;
const FAR_SECONDS = 30 * DAY_SECONDS;

function frame(length: number, flags: number): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(flags);
  header.writeUInt32BE(length, 1);
  return header;
}

/** A byte now and then, until the other side has gone. */
function drip(target: Socket | ServerHttp2Stream, piece: () => void): void {
  const timer = setInterval(piece, 20);
  target.once("close", () => clearInterval(timer));
}

function flood(target: Socket | ServerHttp2Stream): void {
  const piece = Buffer.alloc(64 * 1024, " ");
  const write = (): void => {
    while (!target.destroyed && target.write(piece));
  };
  target.on("drain", write);
  write();
}

function head(status: string, ...headers: string[]): string {
  return `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
}

function field(tag: number, bytes: Uint8Array): Buffer {
  return Buffer.from([tag, bytes.length, ...bytes]);
}

/** google.rpc.Status with RetryInfo, whose seconds are a varint. */
function retryInfo(seconds: number): string {
  const varint: number[] = [];
  for (let rest = seconds; ; rest = Math.floor(rest / 128)) {
    varint.push(rest < 128 ? rest : (rest % 128) + 128);
    if (rest < 128) break;
  }
  const info = field(0x0a, Buffer.from([0x08, ...varint]));
  const url = field(0x0a, Buffer.from("type.googleapis.com/google.rpc.RetryInfo"));
  return Buffer.from([0x08, 14, ...field(0x1a, Buffer.concat([url, field(0x12, info)]))]).toString("base64");
}

function retryAfter(title: string, value: string, seconds: number): HostileAnswer {
  return {
    title,
    http: (socket) =>
      socket.write(head("503 Service Unavailable", `retry-after: ${value}`, "content-length: 0")),
    grpc: (stream) =>
      stream.respond(
        { ...GRPC, "grpc-status": "14", "grpc-status-details-bin": retryInfo(seconds) },
        { endStream: true },
      ),
  };
}

export const hostileAnswers: readonly HostileAnswer[] = [
  { title: "stalls before the headers", http: () => {}, grpc: () => {} },
  {
    title: "stalls after the headers",
    http: (socket) => socket.write(head("200 OK", "content-length: 100")),
    grpc: (stream) => stream.respond(GRPC),
  },
  {
    title: "stalls after the headers of a failure",
    http: (socket) => socket.write(head("503 Service Unavailable", "content-length: 100")),
    grpc: (stream) => stream.respond({ ...GRPC, ":status": 503 }),
  },
  {
    title: "drips its answer byte by byte",
    http(socket) {
      socket.write(head("200 OK", "content-length: 1000000"));
      drip(socket, () => socket.write(" "));
    },
    grpc(stream) {
      stream.respond(GRPC);
      stream.write(frame(1_000_000, 0));
      drip(stream, () => stream.write(" "));
    },
  },
  {
    title: "drips its headers byte by byte",
    http(socket) {
      socket.write("HTTP/1.1 200 OK\r\nx-more: ");
      drip(socket, () => socket.write("x"));
    },
    grpc: () => {},
  },
  {
    title: "sends a gzip bomb",
    http(socket) {
      socket.write(head("200 OK", "content-encoding: gzip", `content-length: ${bomb.length}`));
      socket.write(bomb);
    },
    grpc(stream) {
      stream.respond({ ...GRPC, "grpc-encoding": "gzip" });
      stream.write(frame(bomb.length, 1));
      stream.end(bomb);
    },
  },
  {
    title: "sends a body without an end",
    http(socket) {
      socket.write(head("200 OK"));
      flood(socket);
    },
    grpc(stream) {
      stream.respond(GRPC);
      stream.write(frame(0xff_ff_ff_ff, 0));
      flood(stream);
    },
  },
  {
    title: "announces more than it sends, and closes",
    http: (socket) => socket.end(`${head("200 OK", "content-length: 1000")}{}`),
    grpc(stream) {
      stream.respond(GRPC);
      stream.end(Buffer.concat([frame(1000, 0), Buffer.from("{}")]));
    },
  },
  {
    title: "announces an answer of petabytes",
    http: (socket) => socket.write(head("200 OK", "content-length: 9007199254740991")),
    grpc(stream) {
      stream.respond(GRPC);
      stream.write(frame(0xff_ff_ff_ff, 0));
    },
  },
  {
    title: "sends interim answers without an end",
    http: (socket) => drip(socket, () => socket.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")),
    grpc: (stream) => drip(stream, () => stream.additionalHeaders({ ":status": 103, link: "</x>" })),
  },
  {
    title: "switches to another protocol",
    http: (socket) =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx"),
    grpc: (stream) => stream.close(),
  },
  {
    title: "sends the request elsewhere",
    http: (socket) =>
      socket.write(head("307 Temporary Redirect", "location: http://127.0.0.1:9/", "content-length: 0")),
    grpc: (stream) =>
      stream.respond({ ":status": 307, location: "http://127.0.0.1:9/" }, { endStream: true }),
  },
  {
    title: "hangs up",
    http: (socket) => socket.destroy(),
    grpc: (stream) => stream.session?.destroy(),
  },
  retryAfter("wants to be left alone for 14 days", String(14 * DAY_SECONDS), 14 * DAY_SECONDS),
  retryAfter("wants to be left alone for 30 days", String(FAR_SECONDS), FAR_SECONDS),
  retryAfter("wants to be left alone until 2100", "Fri, 01 Jan 2100 00:00:00 GMT", Number.MAX_SAFE_INTEGER),
];
