/** Whether a kind of hook works here: a program of two instructions is loaded, attached to something harmless, and removed. */
import { existsSync, readFileSync } from "node:fs";
import { tryKernelBtf } from "./kernel-btf.ts";
import { decisiveLine } from "./library-log.ts";
import { native } from "./native.ts";
import { askOnce, no, unknown, yes } from "./probe-answer.ts";
import type { ProbeAnswer } from "./probe-answer.ts";
import { classifyRefusal } from "./probe-refusal.ts";

export type AttachKind = "raw_tp" | "tp_btf" | "tracepoint" | "kprobe" | "fentry" | "perf_event" | "iter";

/** What to load and where to attach it; a string says why it cannot even be tried. */
interface Trial {
  readonly programType: string;
  /** Number of the kernel's `enum bpf_attach_type`. */
  readonly attachType: number;
  readonly btfId: number;
  readonly target: string;
  readonly targetNumber: number;
}

/** Rarely passed, in every kernel, and no harm to stop at for a microsecond. */
const tracepoint = "sched_process_exit";
const kernelFunction = "ksys_sync";

const traceRawTracepoint = 23;
const traceFentry = 24;
const traceIterator = 28;

const plain = { attachType: 0, btfId: 0, target: "", targetNumber: 0 } as const;

const trials: Readonly<Record<AttachKind, () => Trial | ProbeAnswer>> = {
  raw_tp: () => ({ ...plain, programType: "raw_tracepoint", target: tracepoint }),
  tp_btf: () => tracingTrial(traceRawTracepoint, `btf_trace_${tracepoint}`, "typedef"),
  fentry: () => tracingTrial(traceFentry, kernelFunction, "func"),
  iter: () => tracingTrial(traceIterator, "bpf_iter_task", "func"),
  perf_event: () => ({ ...plain, programType: "perf_event" }),
  tracepoint: tracepointTrial,
  kprobe: kprobeTrial,
};

/** Distinguishes a program that cannot be loaded from one that loads but cannot be attached. */
export function probeAttach(kind: AttachKind): ProbeAnswer {
  if (!Object.hasOwn(trials, kind)) return unknown(`there is no kind of hook ${kind}`);
  return askOnce(`attach ${kind}`, () => ask(kind, true));
}

/** Whether programs of this kind load, wherever they could be attached. */
export function probeLoad(kind: AttachKind): ProbeAnswer {
  return askOnce(`load ${kind}`, () => ask(kind, false));
}

function ask(kind: AttachKind, isAttachAsked: boolean): ProbeAnswer {
  const trial = trials[kind]();
  if ("answer" in trial) return trial;
  const programType = native().probe_list_types().indexOf(trial.programType);
  const { attachType, btfId, target, targetNumber } = trial;
  const { failed, errno, log } = native().probe_attach(
    kind,
    programType,
    attachType,
    btfId,
    target,
    targetNumber,
  );
  if (failed === "load")
    return classifyRefusal({ what: `${kind} programs cannot be loaded`, errno, detail: decisiveLine(log) });
  if (failed === "attach" && isAttachAsked)
    return classifyRefusal({ what: `${kind} programs load but cannot be attached`, errno, detail: "" });
  return yes;
}

function tracingTrial(attachType: number, name: string, kind: "typedef" | "func"): Trial | ProbeAnswer {
  const btf = tryKernelBtf({});
  if (typeof btf === "string") return no(btf);
  const btfId = btf.find(name, kind);
  if (btfId === undefined) return no(`the kernel's BTF has no ${name}`);
  return { ...plain, programType: "tracing", attachType, btfId };
}

function tracepointTrial(): Trial | ProbeAnswer {
  const folders = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];
  const id = folders
    .map((folder) => `${folder}/events/sched/${tracepoint}/id`)
    .find((path) => existsSync(path));
  if (id === undefined) return no(`tracefs is not mounted at ${folders[0]}, or may not be read`);
  return { ...plain, programType: "tracepoint", targetNumber: Number(readFileSync(id, "utf8")) };
}

function kprobeTrial(): Trial | ProbeAnswer {
  const pmu = "/sys/bus/event_source/devices/kprobe/type";
  if (!existsSync(pmu)) return no(`this kernel has no kprobes: ${pmu} is missing (CONFIG_KPROBE_EVENTS)`);
  const targetNumber = Number(readFileSync(pmu, "utf8"));
  return { ...plain, programType: "kprobe", target: kernelFunction, targetNumber };
}
