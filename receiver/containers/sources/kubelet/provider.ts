/** The face of this folder. */
import { findFile, requireTrusted } from "../find-files.ts";
import type { SourceProvider } from "../source.ts";

export interface KubeletSettings {
  readonly endpoint?: string;
  readonly tokenFile?: string;
  readonly caFile?: string;
  readonly insecureSkipVerify: boolean;
}

/** The port that every kubelet listens on, on this node. */
const USUAL_ENDPOINT = "https://127.0.0.1:10250";
/** What every pod gets; outside of one the configuration names the files. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
const USUAL_TOKEN = `${SERVICE_ACCOUNT}/token`;
const USUAL_CA = `${SERVICE_ACCOUNT}/ca.crt`;

export const kubelet: SourceProvider<KubeletSettings> = {
  name: "kubelet",
  description: "The kubelet's list of pods, queried where there is a token or an endpoint is given.",
  settings: {
    endpoint: {
      type: "string",
      format: "node-url",
      otherwise: `\`${USUAL_ENDPOINT}\``,
      example: USUAL_ENDPOINT,
      description: "URL without a path; the token is sent by https: alone.",
    },
    tokenFile: {
      key: "token_file",
      type: "string",
      format: "readable-file",
      otherwise: `\`${USUAL_TOKEN}\``,
      example: USUAL_TOKEN,
      description:
        "Token of a service account that may get nodes/pods or nodes/proxy; an absolute path, read again for each query.",
    },
    caFile: {
      key: "ca_file",
      type: "string",
      format: "readable-file",
      otherwise: `\`${USUAL_CA}\``,
      example: USUAL_CA,
      description: "PEM file of the authority that signed the kubelet's certificate; an absolute path.",
    },
    insecureSkipVerify: {
      key: "insecure_skip_verify",
      type: "boolean",
      default: false,
      description: "true: any certificate is accepted.",
    },
  },
  findsNames: false,
  // The kubelet puts its answer together from all pods.
  timeoutMs: 5_000,
  // It makes its list from all pods each time; a record waits a quarter of a second at most.
  intervalMs: 200,
  isThere: ({ endpoint, tokenFile }) =>
    endpoint !== undefined || findFile(tokenFile ?? USUAL_TOKEN) !== undefined,
  open: async ({ endpoint, tokenFile, caFile, insecureSkipVerify }, labels) => {
    const [token, ca] = [tokenFile ?? findFile(USUAL_TOKEN), caFile ?? findFile(USUAL_CA)];
    for (const file of [token, ca]) if (file !== undefined) requireTrusted("file", file);
    return (await import("./kubelet.ts")).openKubelet({
      endpoint: endpoint ?? USUAL_ENDPOINT,
      ...(token === undefined ? {} : { tokenFile: token }),
      ...(ca === undefined ? {} : { caFile: ca }),
      insecureSkipVerify,
      labels,
    });
  },
};
