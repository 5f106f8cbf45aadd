/** A certificate for 127.0.0.1, signed by itself, for the tests of every exporter. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

export interface SampleCertificate {
  /** PEM files; the certificate is its own authority. */
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly certificate: Buffer;
  readonly key: Buffer;
}

/** Removed with the test. */
export function createSampleCertificate(
  context: TestContext,
  subjectAltName = "IP:127.0.0.1",
): SampleCertificate {
  const directory = mkdtempSync(join(tmpdir(), "kerntel-tls-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const [keyFile, certificateFile] = [join(directory, "key.pem"), join(directory, "certificate.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", `subjectAltName=${subjectAltName}`];
  const request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  execFileSync("openssl", [...request, "-keyout", keyFile, "-out", certificateFile, ...subject], {
    stdio: "ignore",
  });
  const [certificate, key] = [readFileSync(certificateFile), readFileSync(keyFile)];
  return { certificateFile, keyFile, certificate, key };
}
