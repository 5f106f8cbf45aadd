/** The kernel half of a new event. */
import type { HookArgument } from "./hook-arguments.ts";
import type { EventPlan } from "./write-event.ts";

interface Member {
  readonly text: string;
  readonly sizeBytes: number;
}

/** Widest first, as records are laid out without holes. */
function writeMembers(hookArguments: readonly HookArgument[]): string[] {
  const of = (sizeBytes: number): Member[] =>
    hookArguments.flatMap(({ name, field }) =>
      field?.sizeBytes === sizeBytes ? [{ text: `${field.type} ${name};`, sizeBytes }] : [],
    );
  const members: Member[] = [
    { text: "record_kind record_kind;", sizeBytes: 8 },
    { text: "nanoseconds time;", sizeBytes: 8 },
    { text: "cgroup_id cgroup_id;", sizeBytes: 8 },
    ...of(8),
    { text: "__u32 pid;", sizeBytes: 4 },
    { text: "__u32 tid;", sizeBytes: 4 },
    ...of(4),
    ...of(2),
    ...of(1),
    { text: "char comm[16];", sizeBytes: 16 },
    // CGROUP_PATH_BYTES is a multiple of 8.
    { text: "cgroup_path cgroup;", sizeBytes: 0 },
  ];
  const over = members.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) % 8;
  return [...members.map(({ text }) => text), ...(over === 0 ? [] : [`__u8 _pad[${8 - over}];`])];
}

/** The program is called `on_…` because a tracepoint may have the name of a helper function, as `bpf_trace_printk` has. */
export function writeKernelHalf({ name, tracepoint, hookArguments, known }: EventPlan): string {
  const structs = hookArguments.flatMap(({ struct }) =>
    struct === undefined || known.has(struct) ? [] : [struct],
  );
  const declarations = [...new Set(structs)].map((struct) => `${struct};`);
  const parameters = hookArguments.map((argument) => `, ${argument.type}${argument.name}`).join("");
  const fields = hookArguments.flatMap((argument) =>
    argument.field === undefined ? [] : [`record->${argument.name} = ${argument.name};`],
  );
  return `// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Reports every task that passes the tracepoint ${tracepoint}. */
#include "records.h"
#include "task.h"
#include <bpf/bpf_tracing.h>

${declarations.length > 0 ? `${declarations.join("\n")}\n\n` : ""}struct ${name}_record {
${writeMembers(hookArguments).join("\n")}
};
EVENT(${name}_record);

SEC("tp_btf/${tracepoint}")
int BPF_PROG(on_${tracepoint}${parameters})
{
struct task_struct *self = bpf_get_current_task_btf();
struct event_counters *count = own_counters();
struct ${name}_record *record;

if (!count)
return 0;
count->seen++;
record = RESERVE_RECORD(${name}_record, count);
if (!record)
return 0;
record->time = bpf_ktime_get_boot_ns();
READ_TASK(record, self);
${fields.map((field) => `${field}\n`).join("")}bpf_ringbuf_submit(record, 0);
return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
`;
}
