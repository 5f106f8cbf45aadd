/** What the three events that keep state of CPUs share with bpf/include/hotplug.h. */

/**
 * An optional program of such an event: it forgets what is known of a CPU before the CPU comes up. A kernel that
 * cannot take CPUs off has no tracepoint for it, and needs none.
 */
export const HOTPLUG_PROGRAM = "cpuhp_enter";
