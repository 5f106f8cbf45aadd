/** How long the kernel's own detector waits, changed for one test. */
import { WatchedShell } from "#test/provoke/watched-shell.ts";

const script = `
set -e
cd /proc/sys/kernel
timeout=$(cat hung_task_timeout_secs) warnings=$(cat hung_task_warnings)
# Each warning that the kernel writes takes one from the number of those that are left.
trap 'echo "$timeout" >hung_task_timeout_secs; echo "$warnings" >hung_task_warnings' EXIT
echo "$1" >hung_task_timeout_secs
echo ready
cat >/dev/null
`;

/** Until it is disposed, a task that is blocked for so long is reported by the kernel. */
export async function setHungTaskTimeout(seconds: number): Promise<AsyncDisposable> {
  return WatchedShell.start("the kernel has no detector of hung tasks to set", script, [String(seconds)]);
}
