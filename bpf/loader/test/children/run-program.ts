/** Runs a program by hand in a thread of its own, because it takes its time. */
import { workerData } from "node:worker_threads";
import { native } from "../../source/native.ts";

const { fd, context } = workerData as { fd: number; context: Uint8Array };
native().program_run(fd, context, 1, null);
