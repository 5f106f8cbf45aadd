/** What the Elasticsearch exporter takes: the declaration of each setting. */
import { caFileSetting, clientSettings, destinationSettings } from "../client-settings.ts";
import type { ClientOptions, DestinationOptions } from "../client-settings.ts";
import type { SettingGroup } from "../setting.ts";

export interface ElasticsearchOptions extends ClientOptions, DestinationOptions {
  readonly endpoint: string;
  readonly endpoints?: readonly string[];
  /** Secret, as is the password. */
  readonly apiKey?: string;
  readonly username?: string;
  readonly password?: string;
  readonly caFile?: string;
  readonly dataStream: string;
  readonly installTemplate: boolean;
}

export const elasticsearchGroup: SettingGroup<ElasticsearchOptions> = {
  settings: {
    endpoint: {
      type: "string",
      format: "node-url",
      default: "http://localhost:9200",
      description: "URL of the one node.",
    },
    endpoints: {
      type: "array",
      items: { type: "string", format: "node-url" },
      minItems: 1,
      otherwise: "`endpoint`",
      example: ["https://node-1:9200", "https://node-2:9200"],
      description: "URLs of several nodes of one cluster, which take turns.",
    },
    apiKey: {
      key: "api_key",
      type: "string",
      format: "header-value",
      secret: true,
      otherwise: "none",
      example: "${ELASTICSEARCH_API_KEY}",
      description:
        "API key in its encoded form; it needs the right create_doc on the data stream, and auto_configure where the stream does not exist yet.",
    },
    username: {
      type: "string",
      minLength: 1,
      otherwise: "none",
      example: "kerntel",
      description: "User, in place of an API key.",
    },
    password: {
      type: "string",
      format: "header-value",
      secret: true,
      otherwise: "none",
      example: "${ELASTICSEARCH_PASSWORD}",
      description: "Password of the user.",
    },
    caFile: caFileSetting,
    dataStream: {
      key: "data_stream",
      type: "string",
      minLength: 1,
      default: "logs-kerntel.otel-default",
      description: "Data stream that gets the log records.",
      findProblem: findDataStreamProblem,
    },
    ...clientSettings({ compression: "gzip", timeoutMs: 30_000 }),
    ...destinationSettings(10_485_760),
    installTemplate: {
      key: "install_template",
      type: "boolean",
      default: false,
      description:
        "Install the types of our own attributes before the first record is sent; this needs the right manage_index_templates.",
    },
  },
  exclusive: [
    ["endpoints", "endpoint"],
    ["apiKey", "username"],
  ],
  together: [["username", "password"]],
};

/** What Elasticsearch says of names of data streams. */
function findDataStreamProblem(name: string): string | undefined {
  const isAllowed = /^[^-_+.\s\\/*?"<>|,#:][^\s\\/*?"<>|,#:]*$/.test(name) && name === name.toLowerCase();
  if (isAllowed && name.length < 200) return undefined;
  return 'allowed: the name of a data stream, as logs-kerntel.otel-default: lower case, no spaces or \\/*?"<>|,#:';
}
