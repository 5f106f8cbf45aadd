/** Memory errors as a controller's driver reports them: modules/kerntel-memory.c, for want of EDAC in guests. */
import { writeFileSync } from "node:fs";
import { loadOwnModule } from "#test/provoke/own-module.ts";

/** HW_EVENT_ERR_…, include/linux/edac.h */
export const memoryErrors = { corrected: 0, uncorrected: 1, fatal: 3 } as const;

/** What the driver says beside what is given. */
export const controllerError = {
  controller: 1,
  layers: [2, 0, -1],
  address: "0x12345000",
  grain: 4_096,
  syndrome: "0xbeef",
  message: "memory read error",
  detail: "row:5 col:7",
} as const;

/** Throws `CannotProvokeError` outside of virtual machines. */
export function reportMemoryError(type: keyof typeof memoryErrors, label: string, count = 1): void {
  loadOwnModule("kerntel-memory");
  writeFileSync("/sys/module/kerntel_memory/parameters/report", `${memoryErrors[type]} ${count} ${label}`);
}
