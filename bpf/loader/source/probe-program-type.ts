import { missingCapabilities } from "./capabilities.ts";
import { native } from "./native.ts";
import { askOnce, no, unknown, yes } from "./probe-answer.ts";
import type { ProbeAnswer } from "./probe-answer.ts";
import { probeLoad } from "./probe-attach.ts";
import { classifyRefusal } from "./probe-refusal.ts";

const notPermitted = 1;

/** Whether programs of this type load, by libbpf's name of it: `kprobe`, `raw_tracepoint`, `tracing`, `syscall`, … */
export function probeProgramType(name: string): ProbeAnswer {
  // libbpf asks with fentry, which some kernels refuse while they allow tp_btf and iterators.
  if (name === "tracing") return probeLoad("tp_btf");
  return askOnce(`program type ${name}`, () => {
    const number = native().probe_list_types().indexOf(name);
    // Number 0 is "unspec".
    if (number < 1) return unknown(`this libbpf knows no program type ${name}`);
    const missing = missingCapabilities(["CAP_BPF", "CAP_PERFMON"]);
    if (missing.length > 0) return unknown(`the process lacks ${missing.join(" and ")}`);
    const [status, errno] = native().probe_load_type(number);
    if (status === 1) return yes;
    const what = `programs of type ${name} cannot be loaded`;
    if (status < 0) return unknown(`libbpf cannot tell whether programs of type ${name} load`);
    return errno === notPermitted ? classifyRefusal({ what, errno, detail: "" }) : no(what);
  });
}
