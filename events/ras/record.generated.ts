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
  sizeBytes: 120,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    status: view.getBigUint64(offset + 32, true),
    address: view.getBigUint64(offset + 40, true),
    misc: view.getBigUint64(offset + 48, true),
    mcgStatus: view.getBigUint64(offset + 56, true),
    mcgCapability: view.getBigUint64(offset + 64, true),
    instruction: view.getBigUint64(offset + 72, true),
    syndrome: view.getBigUint64(offset + 80, true),
    ipid: view.getBigUint64(offset + 88, true),
    processor: view.getUint32(offset + 96, true),
    cpuid: view.getUint32(offset + 100, true),
    socket: view.getUint32(offset + 104, true),
    apic: view.getUint32(offset + 108, true),
    microcode: view.getUint32(offset + 112, true),
    vendor: view.getUint8(offset + 116),
    bank: view.getUint8(offset + 117),
    codeSegment: view.getUint8(offset + 118),
  }),
};

export const rasEdacRecordLayout: RecordLayout<RasEdacRecord> = {
  sizeBytes: 256,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    address: view.getBigUint64(offset + 32, true),
    syndrome: view.getBigUint64(offset + 40, true),
    errorCount: view.getUint32(offset + 48, true),
    controller: view.getUint8(offset + 52),
    topLayer: view.getInt8(offset + 53),
    middleLayer: view.getInt8(offset + 54),
    lowerLayer: view.getInt8(offset + 55),
    grainBits: view.getUint8(offset + 56),
    message: readText(view, offset + 64, 64),
    label: readText(view, offset + 128, 64),
    detail: readText(view, offset + 192, 64),
  }),
};

export const rasCperRecordLayout: RecordLayout<RasCperRecord> = {
  sizeBytes: 392,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    length: view.getUint32(offset + 32, true),
    section: readBytes(view, offset + 40, 16),
    unit: readBytes(view, offset + 56, 16),
    unitText: readText(view, offset + 72, 64),
    payload: readBytes(view, offset + 136, 256),
  }),
};

export const rasArmRecordLayout: RecordLayout<RasArmRecord> = {
  sizeBytes: 96,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    mpidr: view.getBigUint64(offset + 32, true),
    midr: view.getBigUint64(offset + 40, true),
    errorInformation: view.getBigUint64(offset + 48, true),
    virtualAddress: view.getBigUint64(offset + 56, true),
    physicalAddress: view.getBigUint64(offset + 64, true),
    validation: view.getUint32(offset + 72, true),
    runningState: view.getUint32(offset + 76, true),
    psciState: view.getUint32(offset + 80, true),
    errorValidation: view.getUint16(offset + 84, true),
    errors: view.getUint16(offset + 86, true),
    affinity: view.getUint8(offset + 88),
    errorType: view.getUint8(offset + 89),
    errorFlags: view.getUint8(offset + 90),
  }),
};

export const rasAerRecordLayout: RecordLayout<RasAerRecord> = {
  sizeBytes: 88,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    status: view.getUint32(offset + 32, true),
    hasHeader: view.getUint32(offset + 36, true),
    header: [
      view.getUint32(offset + 40, true),
      view.getUint32(offset + 44, true),
      view.getUint32(offset + 48, true),
      view.getUint32(offset + 52, true),
    ],
    device: readText(view, offset + 56, 32),
  }),
};

export const rasMemoryFailureRecordLayout: RecordLayout<RasMemoryFailureRecord> = {
  sizeBytes: 48,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    frame: view.getBigUint64(offset + 32, true),
    type: view.getUint32(offset + 40, true),
    result: view.getUint32(offset + 44, true),
  }),
};

export const rasExtlogRecordLayout: RecordLayout<RasExtlogRecord> = {
  sizeBytes: 104,
  read: (view, offset) => ({
    head: {
      time: readUint64(view, offset),
      total: readUint64(view, offset + 8),
      foldId: readUint64(view, offset + 16),
      severity: view.getUint32(offset + 24, true),
      cpu: view.getUint32(offset + 28, true),
    },
    validation: view.getBigUint64(offset + 32, true),
    physicalAddress: view.getBigUint64(offset + 40, true),
    sequence: view.getUint32(offset + 48, true),
    errorType: view.getUint32(offset + 52, true),
    unit: readBytes(view, offset + 56, 16),
    unitText: readText(view, offset + 72, 32),
  }),
};
