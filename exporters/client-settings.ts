/** Settings that every client of a remote place has: each is declared once, and only its default differs. */
import type { Setting, SettingGroup } from "./setting.ts";

export interface ClientOptions {
  readonly compression: "gzip" | "none";
  /** For one request. */
  readonly timeoutMs: number;
}

/** Node's timers take no more. */
const LONGEST_MS = 2_147_483_647;
/** A fifth of the longest string of V8, which escapes in JSON may make of it. */
const LARGEST_REQUEST_BYTES = 104_857_600;

export function clientSettings(defaults: ClientOptions): SettingGroup<ClientOptions>["settings"] {
  return {
    compression: {
      type: "string",
      enum: ["gzip", "none"],
      default: defaults.compression,
      description: "Compression of what is sent.",
    },
    timeoutMs: {
      key: "timeout",
      type: "integer",
      unit: "ms",
      minimum: 1,
      maximum: LONGEST_MS,
      default: defaults.timeoutMs,
      description: "Limit for one request, in milliseconds.",
    },
  };
}

/** For clients that verify a certificate. */
export const caFileSetting: Setting = {
  key: "ca_file",
  type: "string",
  format: "readable-file",
  otherwise: "the system's authorities",
  example: "/etc/kerntel/ca.pem",
  description: "PEM file of the authorities to trust; an absolute path.",
};

/** For destinations of log records. */
export interface DestinationOptions {
  readonly name?: string;
  readonly onRefusal: "wait" | "drop";
  readonly maxRequestBytes: number;
}

export function destinationSettings(defaultBytes: number): SettingGroup<DestinationOptions>["settings"] {
  return {
    name: {
      type: "string",
      minLength: 1,
      otherwise: "from the exporter and its endpoint",
      example: "central",
      description:
        "Name of the destination, in metrics and for its position in the local log; two destinations of one endpoint need two names.",
      findProblem: (name: string) =>
        /^[\w.:/-]{1,100}$/.test(name) ? undefined : "allowed: up to 100 letters, digits and _.:/-",
    },
    onRefusal: {
      key: "on_refusal",
      type: "string",
      enum: ["wait", "drop"],
      default: "wait",
      description:
        "What becomes of log records when the destination takes none at all, as with a token that expired: they wait in the local log until its retention, or are dropped and counted.",
    },
    maxRequestBytes: {
      key: "max_request_size",
      type: "integer",
      unit: "By",
      minimum: 1024,
      maximum: LARGEST_REQUEST_BYTES,
      default: defaultBytes,
      description:
        "Log records in one request, in bytes before compression; a batch that is larger is divided, and a record that is larger by itself is rejected and counted.",
    },
  };
}
