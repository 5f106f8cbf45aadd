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
  loaded.on(rasEdacRecordLayout, (record) => {
    take(record.head, describeEdac(record));
  });
  loaded.on(rasCperRecordLayout, (record) => {
    take(record.head, describeCper(record));
  });
  loaded.on(rasArmRecordLayout, (record) => {
    take(record.head, describeArm(record));
  });
  loaded.on(rasAerRecordLayout, (record) => {
    take(record.head, describeAer(record));
  });
  loaded.on(rasMemoryFailureRecordLayout, (record) => {
    take(record.head, describeMemoryFailure(record, names));
  });
  loaded.on(rasExtlogRecordLayout, (record) => {
    take(record.head, describeExtlog(record));
  });
  await loaded.read(rasMceRecordLayout, (record) => {
    take(record.head, describeMce(record));
  });
}
