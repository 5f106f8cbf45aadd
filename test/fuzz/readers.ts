/** Every reader of bytes that Kerntel did not write: those of the kernel, answers of backends, and the configuration. A reader that is added to the project gets a line here. */
import type { FuzzedReader } from "./fuzzed-reader.ts";
import { bulkAnswer, partialSuccess } from "./readers/backend-answers.ts";
import { cgroupPaths } from "./readers/cgroup-paths.ts";
import { configuration } from "./readers/configuration.ts";
import { kernelLog } from "./readers/kernel-log.ts";
import { netlink } from "./readers/netlink.ts";
import { bondFile, kallsyms, mountTable } from "./readers/proc-files.ts";
import { btf, elf } from "./readers/type-information.ts";

export const fuzzedReaders: readonly FuzzedReader[] = [
  netlink,
  kernelLog,
  btf,
  elf,
  cgroupPaths,
  kallsyms,
  mountTable,
  bondFile,
  configuration,
  bulkAnswer,
  partialSuccess,
];
