/** The files of `tls`, read when an exporter is made. */
import { readFileSync } from "node:fs";
import { CodedError } from "../coded-error.ts";
import type { OtlpTlsOptions } from "./options.ts";

export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Throws `OTLP_TLS_FILE_UNREADABLE`. */
export function readTlsFiles({ caFile, certFile, keyFile }: OtlpTlsOptions): TlsFiles {
  return {
    ...(caFile === undefined ? {} : { ca: readPem("ca_file", caFile) }),
    ...(certFile === undefined ? {} : { cert: readPem("cert_file", certFile) }),
    ...(keyFile === undefined ? {} : { key: readPem("key_file", keyFile) }),
  };
}

function readPem(key: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CodedError("OTLP_TLS_FILE_UNREADABLE", `tls.${key} ${file} cannot be read.`, error);
  }
}
