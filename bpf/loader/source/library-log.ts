/** Finds in libbpf's output the line that a person needs. Its wording is stable enough to look for, not to rely on. */

export interface LibraryLog {
  /** The line that says why; `""` where libbpf said nothing. */
  readonly line: string;
  /** The program it is about. */
  readonly program: string | undefined;
  /** What the verifier said of that program. */
  readonly verifierLog: string | undefined;
  /** The type, field or enumerator that the kernel lacks, as `struct task_struct.comm`. */
  readonly missing: string | undefined;
}

/** Repetitions of the error, a retry that is no failure, and advice that is wrong: locked memory is no reason of EPERM since 5.11. */
const noise = [
  /permission error while running as root/,
  /RLIMIT_MEMLOCK/,
  /[Rr]etrying without BTF/,
  /^BTF loading error: /,
  /BTF is optional, ignoring/,
  /failed to load object /,
  /BPF program load failed: /,
];

const verifierTail = [/^processed \d+ insns/, /^verification time /, /^stack depth /, /^max_states/, /^$/];

export function readLibraryLog(log: string): LibraryLog {
  const block = /libbpf: prog '([^']*)': -- BEGIN PROG LOAD LOG --\n([\s\S]*?)-- END PROG LOAD LOG --/.exec(
    log,
  );
  const outside = log.replace(/-- BEGIN (PROG|BTF) LOAD LOG --[\s\S]*?-- END \1 LOAD LOG --/g, "");
  const first = outside
    .split("\n")
    .map((line) => line.replace(/^libbpf: /, "").trim())
    .find((line) => line !== "" && !/^prog '[^']*':$/.test(line) && !noise.some((part) => part.test(line)));
  const program = block?.[1] ?? /^prog '([^']*)'/.exec(first ?? "")?.[1];
  const verifierLog = block?.[2];
  return {
    line:
      verifierLog === undefined ? (first ?? "").replace(/^prog '[^']*': /, "") : decisiveLine(verifierLog),
    program,
    verifierLog,
    missing: missingTarget(log),
  };
}

/** The verifier says why in its last line, before the counts. */
export function decisiveLine(verifierLog: string): string {
  const lines = verifierLog.split("\n").map((line) => line.trim());
  return lines.findLast((line) => !verifierTail.some((part) => part.test(line))) ?? "";
}

/** `___` separates the kernel's name of a type from the variant that the program means. */
function missingTarget(log: string): string | undefined {
  const found =
    /failed to resolve CO-RE relocation <\w+> \[\d+\] (.*?)(?: \(\d[\d:]* @ offset [\d.]+\))?$/m.exec(log);
  return found?.[1]?.replace(/___\w+/, "");
}
