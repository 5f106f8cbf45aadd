/** Every reader of bytes that Kerntel did not write: the kernel's, other programs', and the configuration. A reader that is added to the project gets a line here. */
import type { FuzzedReader } from "./fuzzed-reader.ts";
import { criContainers, inspectAnswer, podList, retryAfter, retryInfo } from "./readers/answers.ts";
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
  retryAfter,
  retryInfo,
  inspectAnswer,
  podList,
  criContainers,
];
