// Generated from ras.bpf.c: change the record there, then run "npm run generate".
import { readBytes, readText, readUint64 } from "#bpf/layout/fields.ts";
import type { RecordLayout } from "#receiver/tracing/contract.ts";

interface RasHead {
  /** Nanoseconds. */
  readonly time: number;
  /** A count. */
  readonly total: number;
  /** A count. */
  readonly foldId: number;
  readonly severity: number;
  readonly cpu: number;
}

export interface RasMceRecord {
  readonly head: RasHead;
  /** Only good to be compared. */
  readonly status: bigint;
  /** Only good to be compared. */
  readonly address: bigint;
  /** Only good to be compared. */
  readonly misc: bigint;
  /** Only good to be compared. */
  readonly mcgStatus: bigint;
  /** Only good to be compared. */
  readonly mcgCapability: bigint;
  /** Only good to be compared. */
  readonly instruction: bigint;
  /** Only good to be compared. */
  readonly syndrome: bigint;
  /** Only good to be compared. */
  readonly ipid: bigint;
  readonly processor: number;
  readonly cpuid: number;
  readonly socket: number;
  readonly apic: number;
  readonly microcode: number;
  readonly vendor: number;
  readonly bank: number;
  readonly codeSegment: number;
}

export interface RasEdacRecord {
  readonly head: RasHead;
  /** Only good to be compared. */
  readonly address: bigint;
  /** Only good to be compared. */
  readonly syndrome: bigint;
  readonly errorCount: number;
  readonly controller: number;
  readonly topLayer: number;
  readonly middleLayer: number;
  readonly lowerLayer: number;
  readonly grainBits: number;
  readonly message: string;
  readonly label: string;
  readonly detail: string;
}

export interface RasCperRecord {
  readonly head: RasHead;
  readonly length: number;
  readonly section: Uint8Array;
  readonly unit: Uint8Array;
  readonly unitText: string;
  readonly payload: Uint8Array;
}

export interface RasArmRecord {
  readonly head: RasHead;
  /** Only good to be compared. */
  readonly mpidr: bigint;
  /** Only good to be compared. */
  readonly midr: bigint;
  /** Only good to be compared. */
  readonly errorInformation: bigint;
  /** Only good to be compared. */
  readonly virtualAddress: bigint;
  /** Only good to be compared. */
  readonly physicalAddress: bigint;
  readonly validation: number;
  readonly runningState: number;
  readonly psciState: number;
  readonly errorValidation: number;
  readonly errors: number;
  readonly affinity: number;
  readonly errorType: number;
  readonly errorFlags: number;
}

export interface RasAerRecord {
  readonly head: RasHead;
  readonly status: number;
  readonly hasHeader: number;
  readonly header: readonly number[];
  readonly device: string;
}

export interface RasMemoryFailureRecord {
  readonly head: RasHead;
  /** Only good to be compared. */
  readonly frame: bigint;
  readonly type: number;
  readonly result: number;
}

export interface RasExtlogRecord {
  readonly head: RasHead;
  /** Only good to be compared. */
  readonly validation: bigint;
  /** Only good to be compared. */
  readonly physicalAddress: bigint;
  readonly sequence: number;
  readonly errorType: number;
  readonly unit: Uint8Array;
  readonly unitText: string;
}

export const rasMceRecordLayout: RecordLayout<RasMceRecord> = {
  struct: "ras_mce_record",
  sizeBytes: 128,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    status: view.getBigUint64(offset + 40, true),
    address: view.getBigUint64(offset + 48, true),
    misc: view.getBigUint64(offset + 56, true),
    mcgStatus: view.getBigUint64(offset + 64, true),
    mcgCapability: view.getBigUint64(offset + 72, true),
    instruction: view.getBigUint64(offset + 80, true),
    syndrome: view.getBigUint64(offset + 88, true),
    ipid: view.getBigUint64(offset + 96, true),
    processor: view.getUint32(offset + 104, true),
    cpuid: view.getUint32(offset + 108, true),
    socket: view.getUint32(offset + 112, true),
    apic: view.getUint32(offset + 116, true),
    microcode: view.getUint32(offset + 120, true),
    vendor: view.getUint8(offset + 124),
    bank: view.getUint8(offset + 125),
    codeSegment: view.getUint8(offset + 126),
  }),
};

export const rasEdacRecordLayout: RecordLayout<RasEdacRecord> = {
  struct: "ras_edac_record",
  sizeBytes: 264,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    address: view.getBigUint64(offset + 40, true),
    syndrome: view.getBigUint64(offset + 48, true),
    errorCount: view.getUint32(offset + 56, true),
    controller: view.getUint8(offset + 60),
    topLayer: view.getInt8(offset + 61),
    middleLayer: view.getInt8(offset + 62),
    lowerLayer: view.getInt8(offset + 63),
    grainBits: view.getUint8(offset + 64),
    message: readText(view, offset + 72, 64),
    label: readText(view, offset + 136, 64),
    detail: readText(view, offset + 200, 64),
  }),
};

export const rasCperRecordLayout: RecordLayout<RasCperRecord> = {
  struct: "ras_cper_record",
  sizeBytes: 400,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    length: view.getUint32(offset + 40, true),
    section: readBytes(view, offset + 48, 16),
    unit: readBytes(view, offset + 64, 16),
    unitText: readText(view, offset + 80, 64),
    payload: readBytes(view, offset + 144, 256),
  }),
};

export const rasArmRecordLayout: RecordLayout<RasArmRecord> = {
  struct: "ras_arm_record",
  sizeBytes: 104,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    mpidr: view.getBigUint64(offset + 40, true),
    midr: view.getBigUint64(offset + 48, true),
    errorInformation: view.getBigUint64(offset + 56, true),
    virtualAddress: view.getBigUint64(offset + 64, true),
    physicalAddress: view.getBigUint64(offset + 72, true),
    validation: view.getUint32(offset + 80, true),
    runningState: view.getUint32(offset + 84, true),
    psciState: view.getUint32(offset + 88, true),
    errorValidation: view.getUint16(offset + 92, true),
    errors: view.getUint16(offset + 94, true),
    affinity: view.getUint8(offset + 96),
    errorType: view.getUint8(offset + 97),
    errorFlags: view.getUint8(offset + 98),
  }),
};

export const rasAerRecordLayout: RecordLayout<RasAerRecord> = {
  struct: "ras_aer_record",
  sizeBytes: 96,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    status: view.getUint32(offset + 40, true),
    hasHeader: view.getUint32(offset + 44, true),
    header: [
      view.getUint32(offset + 48, true),
      view.getUint32(offset + 52, true),
      view.getUint32(offset + 56, true),
      view.getUint32(offset + 60, true),
    ],
    device: readText(view, offset + 64, 32),
  }),
};

export const rasMemoryFailureRecordLayout: RecordLayout<RasMemoryFailureRecord> = {
  struct: "ras_memory_failure_record",
  sizeBytes: 56,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    frame: view.getBigUint64(offset + 40, true),
    type: view.getUint32(offset + 48, true),
    result: view.getUint32(offset + 52, true),
  }),
};

export const rasExtlogRecordLayout: RecordLayout<RasExtlogRecord> = {
  struct: "ras_extlog_record",
  sizeBytes: 112,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset + 8),
      total: readUint64(view, offset + 16),
      foldId: readUint64(view, offset + 24),
      severity: view.getUint32(offset + 32, true),
      cpu: view.getUint32(offset + 36, true),
    },
    validation: view.getBigUint64(offset + 40, true),
    physicalAddress: view.getBigUint64(offset + 48, true),
    sequence: view.getUint32(offset + 56, true),
    errorType: view.getUint32(offset + 60, true),
    unit: readBytes(view, offset + 64, 16),
    unitText: readText(view, offset + 80, 32),
  }),
};
