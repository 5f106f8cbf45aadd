/** Where a task waits: the first function of its stack that is not a way of waiting itself. */

/** Of the scheduler, of locks, of completions and the like. */
const waiting =
  /^(?:_*(?:io_)?schedule(?:_\w+)?|__switch_to\w*|_*(?:ww_)?mutex_lock\w*|_*rt_mutex_\w+|rwsem_down_\w+|_*down(?:_\w+)?|_*percpu_(?:down|rwsem)_\w+|_*wait_for_(?:common|completion)\w*|_*wait_on_bit\w*|out_of_line_wait_on_bit\w*|bit_wait\w*|do_wait_intr\w*|_*wait_rcu_gp|rcu_sync_enter|synchronize_\w+)$/;

/** `stack`: lines of `name+0x10`, as `EventBpf.stack` writes them. Undefined where no name is known. */
export function findWaitChannel(stack: string): string | undefined {
  const names = stack.split("\n").map((frame) => frame.replace(/(?:\.[\w.]+)?\+.*$/, ""));
  return names.find((name) => name !== "" && !name.startsWith("0x") && !waiting.test(name));
}
