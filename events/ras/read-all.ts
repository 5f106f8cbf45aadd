/** Reads every kind of record that the kernel half writes, as a description. */
import type { EventBpf, LoadedEvent } from "#receiver/tracing/contract.ts";
import { describeAer, describeCper } from "./describe-device.ts";
import { describeEdac, describeExtlog, describeMemoryFailure } from "./describe-memory.ts";
import { describeArm, describeMce } from "./describe-processor.ts";
import type { Description } from "./description.ts";
import {
  rasAerRecordLayout,
  rasArmRecordLayout,
  rasCperRecordLayout,
  rasEdacRecordLayout,
  rasExtlogRecordLayout,
  rasMceRecordLayout,
  rasMemoryFailureRecordLayout,
} from "./record.generated.ts";
import type { RasMceRecord } from "./record.generated.ts";

type Head = RasMceRecord["head"];

/** Resolves when the run ends. */
export async function readAll(
  loaded: LoadedEvent,
  bpf: Pick<EventBpf, "enumNames">,
  take: (head: Head, description: Description) => void,
): Promise<void> {
  const names = { types: bpf.enumNames("mf_action_page_type"), results: bpf.enumNames("mf_result") };
  await loaded.read([
    [
      rasMceRecordLayout,
      (record): void => {
        take(record.head, describeMce(record));
      },
    ],
    [
      rasEdacRecordLayout,
      (record): void => {
        take(record.head, describeEdac(record));
      },
    ],
    [
      rasCperRecordLayout,
      (record): void => {
        take(record.head, describeCper(record));
      },
    ],
    [
      rasArmRecordLayout,
      (record): void => {
        take(record.head, describeArm(record));
      },
    ],
    [
      rasAerRecordLayout,
      (record): void => {
        take(record.head, describeAer(record));
      },
    ],
    [
      rasMemoryFailureRecordLayout,
      (record): void => {
        take(record.head, describeMemoryFailure(record, names));
      },
    ],
    [
      rasExtlogRecordLayout,
      (record): void => {
        take(record.head, describeExtlog(record));
      },
    ],
  ]);
}
