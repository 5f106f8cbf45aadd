/** What the Prometheus exporter takes: the declaration of each setting. */
import type { SettingGroup } from "../setting.ts";

/** Patterns over names, with `*` and `?`; `excluded` is stronger. */
export interface LabelPatterns {
  readonly included?: readonly string[];
  readonly excluded?: readonly string[];
}

export interface PrometheusOptions {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  readonly withScopeInfo: boolean;
  readonly withTargetInfo: boolean;
  readonly resourceLabels: LabelPatterns;
  readonly translationStrategy: "underscore_escaping_with_suffixes";
}

const labelGroup: SettingGroup<LabelPatterns> = {
  settings: {
    included: {
      type: "array",
      isNullable: false,
      items: { type: "string", minLength: 1 },
      minItems: 1,
      otherwise: "all, where others are excluded",
      example: ["host.name"],
      description: "Names of attributes, with * and ?.",
    },
    excluded: {
      type: "array",
      isNullable: false,
      items: { type: "string", minLength: 1 },
      minItems: 1,
      otherwise: "none",
      example: ["host.id"],
      description: "Names of attributes, with * and ?, that become no label all the same.",
    },
  },
};

export const prometheusGroup: SettingGroup<PrometheusOptions> = {
  settings: {
    host: {
      type: "string",
      minLength: 1,
      // OTel's schema says localhost, which may be ::1 alone.
      default: "127.0.0.1",
      description: "Address to listen on.",
    },
    port: {
      type: "integer",
      unit: "1",
      minimum: 0,
      maximum: 65_535,
      default: 9464,
      listens: true,
      description: "Port to listen on; 0 takes any free port.",
    },
    withScopeInfo: {
      key: "scope_info_enabled",
      type: "boolean",
      // OTel has them on; here there is one scope, and three labels on every series would say nothing.
      default: false,
      description:
        "The labels otel_scope_name, otel_scope_version and otel_scope_schema_url on every series.",
    },
    withTargetInfo: {
      key: "target_info_enabled/development",
      type: "boolean",
      default: true,
      description: "The metric target_info, with the resource as its labels.",
    },
    resourceLabels: {
      key: "resource_constant_labels",
      type: "object",
      isNullable: false,
      group: labelGroup,
      default: {},
      description:
        "Attributes of the resource that become labels of every series; none where this is left out.",
    },
    translationStrategy: {
      key: "translation_strategy",
      type: "string",
      enum: ["underscore_escaping_with_suffixes"],
      default: "underscore_escaping_with_suffixes",
      description: "How names are translated; no other way is supported.",
    },
  },
};
