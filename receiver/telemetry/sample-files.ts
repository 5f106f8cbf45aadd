/** A small pair of files that keeps all rules, for tests to change. */
import type { TelemetryFile } from "./definition.ts";
import { parseTelemetry } from "./parse-telemetry.ts";
import { programPath } from "./read-telemetry.ts";

export const samplePath = "events/sample/telemetry.yaml";

export const programText = `file_format: definition/2
attributes:
  - key: kerntel.event.name
    type: string
    brief: Name of the event.
    stability: development
attribute_groups:
  - id: kerntel.record
    visibility: public
    brief: On every log record.
    stability: development
    attributes:
      - { ref: log.record.uid, requirement_level: required }
  - id: kerntel.resource
    visibility: public
    brief: On every resource.
    stability: development
    attributes:
      - ref: host.name
metrics:
  - name: kerntel.event.records
    instrument: counter
    unit: "{record}"
    brief: Records.
    stability: development
    attributes:
      - ref: kerntel.event.name
`;

export const sampleText = `file_format: definition/2
attributes:
  - key: kerntel.sample.constraint
    type:
      members:
        - { id: none, value: none, brief: The whole machine. }
        - { id: memcg, value: memcg }
    brief: What the shortage was confined to.
    note: Left out where unknown | unknowable.
    stability: development
  - key: kerntel.sample.sizes
    type: int[]
    brief: Sizes, in bytes.
    stability: development
    examples: [4096]
  - key: kerntel.sample.reason
    type: string
    brief: Why it happened.
    stability: development
  - key: kerntel.sample.age
    type: double
    brief: Age, in seconds.
    stability: development
events:
  - name: kerntel.sample
    brief: A sample was taken.
    stability: development
    annotations: { kerntel: { severity: 17 } }
    attributes:
      - { ref: process.pid, requirement_level: required }
      - { ref: kerntel.sample.constraint, requirement_level: { conditionally_required: if known } }
      - { ref: kerntel.sample.sizes, requirement_level: recommended, brief: Sizes of this sample. }
      - { ref: kerntel.sample.age, requirement_level: opt_in }
metrics:
  - name: kerntel.sample.duration
    instrument: histogram
    unit: s
    brief: How long samples took.
    stability: development
    attributes:
      - { ref: kerntel.sample.reason, requirement_level: required }
      - { ref: network.transport, requirement_level: recommended }
  - name: kerntel.sample.failures
    instrument: counter
    unit: "{failure}"
    brief: Samples that failed.
    stability: development
    attributes: []
`;

export const renamedText = `attributes:
  - { to: kerntel.sample.age, from: [kerntel.sample.elapsed], was: ns }
  - { to: kerntel.sample.sizes, from: [kerntel.sample.bytes] }
labels:
  - { to: kerntel.sample.reason, from: why, metrics: [kerntel.sample.duration] }
metrics:
  - { to: kerntel.sample.failures, from: kerntel.sample.faults }
`;

/** The program's file and the event's, the latter with one text replaced by another. */
export function makeFiles(from: string = "", to: string = ""): TelemetryFile[] {
  if (!sampleText.includes(from)) throw new Error(`The sample does not hold ${from}`);
  return [
    parseTelemetry(programPath, programText),
    parseTelemetry(
      samplePath,
      sampleText.replace(from, () => to),
    ),
  ];
}
