/** Settings that several clients of remote places have: each is declared once, and only its default differs. */
import type { Setting } from "./setting.ts";

/** Node's timers take no more. */
const LONGEST_MS = 2_147_483_647;

export function timeoutSetting(defaultMs: number): Setting {
  return {
    key: "timeout",
    type: "integer",
    unit: "ms",
    minimum: 1,
    maximum: LONGEST_MS,
    default: defaultMs,
    description: "Limit for one request, in milliseconds.",
  };
}

export function compressionSetting(byDefault: "gzip" | "none"): Setting {
  return {
    type: "string",
    enum: ["gzip", "none"],
    default: byDefault,
    description: "Compression of what is sent.",
  };
}

/** PEM file of the authorities that sign the server's certificate. */
export const caFileSetting: Setting = {
  key: "ca_file",
  type: "string",
  format: "readable-file",
  otherwise: "the system's authorities",
  example: "/etc/kerntel/ca.pem",
  description: "PEM file of the authorities to trust; an absolute path.",
};
