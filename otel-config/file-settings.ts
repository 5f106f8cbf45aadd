/** The settings of the file itself: those of OpenTelemetry that Kerntel supports, and Kerntel's own. */
import type { Setting, SettingGroup } from "./declaration.ts";

/** Node's timers take no more. */
const LONGEST_MS = 2_147_483_647;
const MOST_RECORDS = 1_000_000;
const levels = ["trace", "debug", "info", "warn", "error", "fatal"];

function limits(valueLength: Partial<Setting>, count: Partial<Setting>): SettingGroup {
  return {
    settings: {
      valueLength: {
        key: "attribute_value_length_limit",
        type: "integer",
        unit: "{character}",
        minimum: 0,
        description:
          "Longer texts are cut to so many characters (UTF-16 code units), in lists each one by itself.",
        ...valueLength,
      },
      count: {
        key: "attribute_count_limit",
        type: "integer",
        unit: "{attribute}",
        minimum: 0,
        description: "Attributes beyond so many are dropped.",
        ...count,
      },
    },
  };
}

/** 64 Ki: above all that the kernel gives, and a record at every limit is far below V8's longest text. */
const VALUE_LENGTH = 65_536;
/** OpenTelemetry's own default. */
const ATTRIBUTES = 128;
const ofAttributeLimits = "that of `attribute_limits`";

/** `logger_provider.limits`: what is given there wins over `attribute_limits`. */
export const recordLimitsGroup: SettingGroup = limits(
  { otherwise: ofAttributeLimits, example: VALUE_LENGTH },
  { otherwise: ofAttributeLimits, example: ATTRIBUTES },
);

export const topGroup: SettingGroup = {
  settings: {
    disabled: { type: "boolean", default: false, description: "true: no telemetry leaves the program." },
    log_level: {
      type: "string",
      enum: levels.flatMap((level) => [level, `${level}2`, `${level}3`, `${level}4`]),
      default: "info",
      description: "Level of OpenTelemetry's internal messages.",
    },
    attributeLimits: {
      key: "attribute_limits",
      type: "object",
      isNullable: false,
      group: limits({ default: VALUE_LENGTH }, { default: ATTRIBUTES }),
      description: "Limits for the attributes and bodies of log records, and for their resources.",
    },
  },
};

function duration(key: string, defaultMs: number, description: string): Setting {
  return {
    key,
    type: "integer",
    unit: "ms",
    minimum: 1,
    maximum: LONGEST_MS,
    default: defaultMs,
    description,
  };
}

function records(key: string, byDefault: number, description: string): Setting {
  return {
    key,
    type: "integer",
    unit: "{record}",
    minimum: 1,
    maximum: MOST_RECORDS,
    default: byDefault,
    description,
  };
}

/** `logger_provider.processors[].batch`, with OpenTelemetry's own defaults. */
export const batchGroup: SettingGroup = {
  settings: {
    scheduleDelayMs: {
      ...duration("schedule_delay", 1000, "How long a batch that is not full waits, in milliseconds."),
      minimum: 0,
    },
    exportTimeoutMs: duration("export_timeout", 30_000, "When an export is given up, in milliseconds."),
    maxQueueSize: records("max_queue_size", 2048, "Log records that wait in memory."),
    maxExportBatchSize: records(
      "max_export_batch_size",
      512,
      "Log records in one batch, at most as many as may wait.",
    ),
  },
  ordered: [["maxExportBatchSize", "maxQueueSize"]],
};

/** `meter_provider.readers[].periodic` */
export const periodicGroup: SettingGroup = {
  settings: {
    intervalMs: duration("interval", 60_000, "Time between two exports, in milliseconds."),
    timeoutMs: duration(
      "timeout",
      30_000,
      "Limit for collecting and exporting once, in milliseconds; at most the interval.",
    ),
  },
  ordered: [["timeoutMs", "intervalMs"]],
  unsupported: ["producers", "cardinality_limits", "max_export_batch_size/development"],
};

/** `distribution.kerntel`, beside the sections of those that plug in. */
export const kerntelGroup: SettingGroup = {
  settings: {
    stateDirectory: {
      key: "state_directory",
      type: "string",
      format: "absolute-path",
      otherwise:
        "`$KERNTEL_STATE_DIR`, else `/var/lib/kerntel` for root, else `kerntel` below `$XDG_STATE_HOME` or `~/.local/state`",
      example: "/var/lib/kerntel",
      description:
        "Directory of what must outlive the program; an absolute path. It must belong to the user who runs Kerntel, and nobody else may write to it.",
    },
    plugins: {
      type: "array",
      items: { type: "string", format: "absolute-path" },
      default: [],
      example: ["/usr/lib/kerntel/plugins/example"],
      description:
        "Folders of plug-ins with events and exporters of their own, as absolute paths. Their code runs with all rights of Kerntel, so each folder, all that is in it and the way to it must belong to root, and nobody else may write there.",
    },
  },
};

function labels(key: string, attribute: string, example: string): Setting {
  return {
    key,
    type: "array",
    items: { type: "string", minLength: 1 },
    default: [],
    example: [example],
    description: `Labels that become attributes ${attribute}; * is not a pattern here.`,
  };
}

/** `distribution.kerntel.containers`, beside the sources. */
export const containersGroup: SettingGroup = {
  settings: {
    waitMs: {
      key: "wait_ms",
      type: "integer",
      unit: "ms",
      minimum: 0,
      maximum: 10_000,
      default: 250,
      description:
        "How long a log record about a container that was just created waits for its name; 0: it never waits.",
    },
    containerLabels: labels("container_labels", "container.label.<key>", "com.docker.compose.project"),
    podLabels: labels("pod_labels", "k8s.pod.label.<key>", "app.kubernetes.io/name"),
  },
};
