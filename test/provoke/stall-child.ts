/** Keeps the CPU that it runs on: `node stall-child.ts softirqs|interrupts MILLISECONDS`. Ends when that is over. */
import { openObject } from "bpf-loader-napi";
import type { LoadedObject } from "bpf-loader-napi";

const [kind, milliseconds] = process.argv.slice(2);
const program = `stall_${kind}`;
using object = openObject(new URL("stall.bpf.o", import.meta.url), {
  programs: [program],
  constants: { stall_ns: Math.round(Number(milliseconds) * 1e6), stalled_pid: process.pid },
}).load();

if (kind === "interrupts") object.attach(program, { clock: { frequencyHz: 100 } });
else if (object.program(program).run().returnValue !== 0) throw new Error("the timer did not start");
// By looping, because the stall is to happen in this process.
while (!isDone(object));

function isDone(loaded: LoadedObject): boolean {
  return (loaded.map(".bss").lookup(0) as { readonly is_done: number }).is_done === 1;
}
