/** Keys and values of one map: bytes to JavaScript and back. */
import { BtfError } from "./btf/btf-error.ts";
import type { Btf } from "./btf/btf.ts";
import { dataSection } from "./btf/data-section.ts";
import { compileDecoder } from "./btf/decoder.ts";
import type { BtfValue } from "./btf/decoder.ts";
import { compileEncoder } from "./btf/encoder.ts";
import type { MapInput, MapValue } from "./map.ts";
import { native } from "./native.ts";
import type { NativeMap } from "./native.ts";

export interface MapCodec {
  /** Of the whole, with all CPUs. */
  readonly sizeBytes: number;
  decode(bytes: Uint8Array, offset: number): MapValue;
  /** Throws an `Error` that says what does not fit. */
  encode(value: MapInput): Uint8Array;
}

/** One value of one CPU. */
interface Item {
  decode(view: DataView, offset: number): BtfValue | Uint8Array;
  encode(value: MapInput, view: DataView, offset: number): void;
}

/** The kernel keeps the values of the CPUs at multiples of 8. */
const perCpuAlignment = 8;

export function keyCodec(map: NativeMap, btf: Btf): MapCodec {
  // Arrays are indexed by a u32, whether they say so or not.
  const item =
    map.type.endsWith("array") && map.keyTypeId === 0
      ? indexItem(btf)
      : itemOf(btf, map.keyTypeId, map.keySizeBytes);
  return single(item, map.keySizeBytes);
}

export function valueCodec(map: NativeMap, btf: Btf): MapCodec {
  const item = itemOf(btf, map.valueTypeId, map.valueSizeBytes);
  return map.type.includes("percpu_") ? perCpu(item, map.valueSizeBytes) : single(item, map.valueSizeBytes);
}

function single(item: Item, sizeBytes: number): MapCodec {
  return {
    sizeBytes,
    decode: (bytes, offset) => item.decode(viewOf(bytes), offset),
    encode: (value) => {
      const bytes = new Uint8Array(sizeBytes);
      item.encode(value, viewOf(bytes), 0);
      return bytes;
    },
  };
}

function perCpu(item: Item, sizeBytes: number): MapCodec {
  const cpus = native().map_count_cpus();
  const strideBytes = Math.ceil(sizeBytes / perCpuAlignment) * perCpuAlignment;
  const places = Array.from({ length: cpus }, (_, cpu) => cpu * strideBytes);
  return {
    sizeBytes: cpus * strideBytes,
    decode: (bytes, offset) => {
      const view = viewOf(bytes);
      return places.map((place) => item.decode(view, offset + place)) as MapValue;
    },
    encode: (value) => {
      if (!Array.isArray(value) || value.length !== cpus)
        throw new Error(`an array of ${cpus} values is needed, one per CPU`);
      const bytes = new Uint8Array(cpus * strideBytes);
      const view = viewOf(bytes);
      for (const [cpu, place] of places.entries()) item.encode(value[cpu] as MapInput, view, place);
      return bytes;
    },
  };
}

function itemOf(btf: Btf, typeId: number, sizeBytes: number): Item {
  if (typeId === 0) return rawItem(sizeBytes);
  const type = btf.type(typeId);
  if (type.kind === "datasec") return sectionItem(btf, type.name, sizeBytes);
  if (btf.sizeOf(typeId) !== sizeBytes) return rawItem(sizeBytes);
  try {
    return { decode: compileDecoder(btf, typeId), encode: encoderOf(btf, typeId) };
  } catch (error) {
    if (error instanceof BtfError && error.code === "BTF_UNSUPPORTED") return rawItem(sizeBytes);
    throw error;
  }
}

function encoderOf(btf: Btf, typeId: number): Item["encode"] {
  const encode = compileEncoder(btf, typeId);
  return (value, view, offset) => encode(value, view, offset);
}

function indexItem(btf: Btf): Item {
  return {
    decode: (view, offset) => view.getUint32(offset, btf.isLittleEndian),
    encode: (value, view, offset) => {
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
        throw new Error("a whole number from 0 to 2^32 - 1 is needed");
      view.setUint32(offset, value, btf.isLittleEndian);
    },
  };
}

function rawItem(sizeBytes: number): Item {
  return {
    decode: (view, offset) => new Uint8Array(view.buffer, view.byteOffset + offset, sizeBytes).slice(),
    encode: (value, view, offset) => {
      if (!(value instanceof Uint8Array) || value.length !== sizeBytes)
        throw new Error(`a Uint8Array of ${sizeBytes} bytes is needed`);
      new Uint8Array(view.buffer, view.byteOffset + offset, sizeBytes).set(value);
    },
  };
}

/**
 * Variables by name. A section is written as a whole, over what a program changed meanwhile: so by bytes, or by a
 * value for every variable.
 */
function sectionItem(btf: Btf, section: string, sizeBytes: number): Item {
  const raw = rawItem(sizeBytes);
  const fields = dataSection(btf, section).map(({ name, offset, typeId, sizeBytes: size }) => {
    return { name, place: offset, item: itemOf(btf, typeId, size) };
  });
  return {
    decode: (view, offset) => {
      const values = fields.map(({ name, place, item }) => [name, item.decode(view, offset + place)]);
      return Object.fromEntries(values) as BtfValue;
    },
    encode: (value, view, offset) => {
      if (value instanceof Uint8Array || typeof value !== "object") {
        raw.encode(value, view, offset);
        return;
      }
      const values = value as Readonly<Record<string, MapInput>>;
      const names = fields.map(({ name }) => name);
      if (Object.keys(values).length !== names.length || names.some((name) => values[name] === undefined))
        throw new Error(`a value is needed for each of ${names.join(", ")}, and for nothing else`);
      for (const { name, place, item } of fields) item.encode(values[name] as MapInput, view, offset + place);
    },
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
