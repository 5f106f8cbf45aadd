/** The kernel half of an event: loads its object and attaches what this kernel takes of it. */
import { BpfError, openObject } from "bpf-loader-napi";
import type { LoadedObject, OpenObject } from "bpf-loader-napi";
import { AttachedEvent } from "./attached-event.ts";
import type { Attachment, EventBpfContext } from "./attached-event.ts";
import type { EventBpfOptions, LoadedEvent } from "./contract.ts";
import { changeSettings } from "./kernel-settings.ts";
import { shareMaps } from "./shared-maps.ts";
import type { SharedMaps } from "./shared-maps.ts";

/** Throws the loader's error, which names the phase and the program, when a needed program does not attach. */
export function loadEvent(options: EventBpfOptions, context: EventBpfContext): LoadedEvent {
  const { tenants } = context;
  const optional = [...withoutUnloadable(options, context), ...chooseAlternative(options, tenants?.maps)];
  const { programs, unattachedPrograms = [] } = options;
  const opened = open(options, [...programs, ...optional, ...unattachedPrograms], tenants?.maps);
  const hooks = new Map(opened.programs.map(({ name, section }) => [name, section]));
  const object = opened.load();
  try {
    changeSettings(object, { ...options.settings, ...options.prepare?.(object) });
    const attach = (name: string): Attachment =>
      attachProgram(object, name, hooks.get(name) ?? name, options);
    const { until } = options;
    const signal = until === undefined ? context.signal : AbortSignal.any([context.signal, until]);
    return new AttachedEvent(object, attachAll(attach, { needed: programs, optional }, context), options, {
      ...context,
      signal,
    });
  } catch (error) {
    object.close();
    throw error;
  }
}

function open(
  { object, kernelModule, constants = {} }: EventBpfOptions,
  programs: readonly string[],
  shared: SharedMaps | undefined,
): OpenObject {
  const opened = openObject(object, {
    programs,
    constants,
    ...(kernelModule !== undefined && { kernelModule }),
  });
  try {
    shareMaps(opened, shared);
    return opened;
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Which of the optional programs this kernel's verifier takes; one that it refuses must not cost the event. */
function withoutUnloadable(options: EventBpfOptions, { log, tenants }: EventBpfContext): readonly string[] {
  return (options.optionalPrograms ?? []).filter((program) => {
    try {
      open(options, [program], tenants?.maps).load().close();
      return true;
    } catch (error) {
      warnIfForbidden(log, program, error);
      return false;
    }
  });
}

/** What the kernel lacks is nobody's fault, and the event is complete without it. What may not be done can be granted. */
function warnIfForbidden(log: EventBpfContext["log"], program: string, error: unknown): void {
  if (error instanceof BpfError && (error.errno === "EPERM" || error.errno === "EACCES"))
    log.warn(`goes on without its program ${program}, which is not permitted`, error);
}

/** The first group of `alternatives` that this kernel takes whole, tried by attaching it. */
function chooseAlternative(options: EventBpfOptions, shared: SharedMaps | undefined): readonly string[] {
  const isTaken = (programs: readonly string[]): boolean => {
    try {
      using trial = open(options, programs, shared).load();
      for (const program of programs) trial.attach(program);
      return true;
    } catch {
      return false;
    }
  };
  return (options.alternatives ?? []).find(isTaken) ?? [];
}

function attachProgram(
  object: LoadedObject,
  name: string,
  hook: string,
  { clocks = {} }: EventBpfOptions,
): Attachment {
  const clock = clocks[name];
  const link = object.attach(name, clock === undefined ? {} : { clock });
  return { name, hook, program: object.program(name), link };
}

function attachAll(
  attach: (name: string) => Attachment,
  { needed, optional }: { readonly needed: readonly string[]; readonly optional: readonly string[] },
  { log }: EventBpfContext,
): Attachment[] {
  const attached = needed.map(attach);
  for (const name of optional) {
    try {
      attached.push(attach(name));
    } catch (error) {
      // Loads but does not attach, for instance a kprobe on a kernel without kprobes.
      warnIfForbidden(log, name, error);
    }
  }
  return attached;
}
