/** Load CO-RE BPF objects: open → load → attach → read the ring → close. Each phase is a type of its own. */
export { openObject } from "./open-object.ts";
export type { OpenObject, OpenOptions, ProgramDescription } from "./open-object.ts";
export type { Constant } from "./constant.ts";
export type { LoadedObject } from "./loaded-object.ts";
export type { Program, RunOptions, RunResult } from "./program.ts";
export type { AttachOptions, Link } from "./link.ts";
export type { RingBatch, RingCounts, RingReader, RingReaderOptions } from "./ring-reader.ts";
export type { BpfMap, MapInput, MapValue, UpdateOptions } from "./map.ts";
export { enableStatistics, readStatistics } from "./statistics.ts";
export type { ProgramStatistics } from "./statistics.ts";
export { readClocks } from "./clocks.ts";
export type { Clocks } from "./clocks.ts";
export { BpfError, VerifierError } from "./error.ts";
export type { BpfErrorCode, BpfPhase } from "./error.ts";
