import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { errnoName } from "./errno.ts";
import { readLibraryLog } from "./library-log.ts";

const verifier = `0: R1=ctx() R10=fp0
1: (61) r1 = *(u32 *)(r1 +0)
R1 invalid mem access 'scalar'
verification time 12 usec
stack depth 0
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
const refused = `libbpf: prog 'watch': BPF program load failed: Permission denied
libbpf: prog 'watch': -- BEGIN PROG LOAD LOG --
${verifier}-- END PROG LOAD LOG --
libbpf: prog 'watch': failed to load: -13
libbpf: failed to load object 'x'
`;

describe("libbpf's output", () => {
  for (const [title, log, line, program] of [
    ["nothing", "", "", undefined],
    ["a verifier refusal", refused, "R1 invalid mem access 'scalar'", "watch"],
    [
      "a program without a hook",
      "libbpf: prog 'p': failed to find kernel BTF type ID of 'nope': -3\nlibbpf: prog 'p': failed to load: -3\n",
      "failed to find kernel BTF type ID of 'nope': -3",
      "p",
    ],
    [
      "advice on limits",
      "libbpf: Failed to bump RLIMIT_MEMLOCK (err = -1), you might need to do it explicitly!\n" +
        "libbpf: permission error while running as root; try raising 'ulimit -l'? current value: 64.0 KiB\n" +
        "libbpf: map 'm': failed to create: Operation not permitted(-1)\n",
      "map 'm': failed to create: Operation not permitted(-1)",
      undefined,
    ],
    [
      "a kernel without BTF in maps",
      "libbpf: Error in bpf_create_map_xattr(m):ERROR: strerror_r(-524)=22(-524). Retrying without BTF.\n",
      "",
      undefined,
    ],
    [
      "refused BTF",
      "libbpf: BTF loading error: -22\nlibbpf: -- BEGIN BTF LOAD LOG ---\nmagic: 0xeb9f\n\n-- END BTF LOAD LOG --\n" +
        "libbpf: Error loading .BTF into kernel: -22. BTF is optional, ignoring.\nlibbpf: map 'm': failed\n",
      "map 'm': failed",
      undefined,
    ],
  ] as const) {
    test(`with ${title} is reduced to the line that says why`, () => {
      const found = readLibraryLog(log);
      assert.equal(found.line, line);
      assert.equal(found.program, program);
    });
  }

  test("keeps the verifier's log whole", () => {
    assert.equal(readLibraryLog(refused).verifierLog, verifier);
  });

  for (const [text, missing] of [
    ["<byte_off> [12] struct task_struct___old.state (0:1 @ offset 8)", "struct task_struct.state"],
    ["<byte_off> [12] struct a.b.c (0:1:2 @ offset 8.3)", "struct a.b.c"],
    ["<type_exists> [7] struct no_such_struct", "struct no_such_struct"],
    ["<enumval_value> [9] enum color::RED = 1", "enum color::RED = 1"],
  ] as const) {
    test(`names what a relocation misses: ${missing}`, () => {
      const log = `0: <invalid CO-RE relocation>\nfailed to resolve CO-RE relocation ${text}\nprocessed 1 insns`;
      assert.equal(readLibraryLog(log).missing, missing);
    });
  }
});

test("error numbers have names, also those of libbpf and of the kernel's inside", () => {
  assert.deepEqual([1, 2, 524, 4001, 9999].map(errnoName), [
    "EPERM",
    "ENOENT",
    "ENOTSUPP",
    "LIBBPF_FORMAT",
    "errno 9999",
  ]);
});
