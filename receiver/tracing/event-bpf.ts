/** The kernel half of an event: loads its object and attaches what this kernel takes of it. */
import { openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";
import { AttachedEvent } from "./attached-event.ts";
import type { Attachment, EventBpfContext } from "./attached-event.ts";
import type { EventBpfOptions, LoadedEvent } from "./contract.ts";
import { changeSettings } from "./kernel-settings.ts";

/** Throws the loader's error, which names the phase and the program, when a needed program does not attach. */
export function loadEvent(options: EventBpfOptions, context: EventBpfContext): LoadedEvent {
  const optional = withoutUnloadable(options);
  const { constants = {}, programs, unattachedPrograms = [] } = options;
  const opened = openObject(options.object, {
    constants,
    programs: [...programs, ...optional, ...unattachedPrograms],
  });
  const hooks = new Map(opened.programs.map(({ name, section }) => [name, section]));
  const object = opened.load();
  try {
    changeSettings(object, { ...options.settings, ...options.prepare?.(object) });
    const attach = (name: string): Attachment =>
      attachProgram(object, name, hooks.get(name) ?? name, options);
    const { until } = options;
    const signal = until === undefined ? context.signal : AbortSignal.any([context.signal, until]);
    return new AttachedEvent(object, attachAll(attach, programs, optional), options, { ...context, signal });
  } catch (error) {
    object.close();
    throw error;
  }
}

/** Which of the optional programs this kernel's verifier takes; one that it refuses must not cost the event. */
function withoutUnloadable(options: EventBpfOptions): readonly string[] {
  return (options.optionalPrograms ?? []).filter((program) => {
    try {
      openObject(options.object, { programs: [program] })
        .load()
        .close();
      return true;
    } catch {
      // The loader's reason matters to nobody: the event is complete without this program.
      return false;
    }
  });
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
  needed: readonly string[],
  optional: readonly string[],
): Attachment[] {
  const attached = needed.map(attach);
  for (const name of optional) {
    try {
      attached.push(attach(name));
    } catch {
      // Loads but does not attach, for instance a kprobe on a kernel without kprobes.
    }
  }
  return attached;
}
