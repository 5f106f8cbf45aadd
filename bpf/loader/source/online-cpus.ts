import { readFileSync } from "node:fs";

/** Numbers of the CPUs in use, from a list as `0-3,8`. */
export function onlineCpus(path: string = "/sys/devices/system/cpu/online"): number[] {
  return readFileSync(path, "utf8")
    .trim()
    .split(",")
    .flatMap((range) => {
      const [first = 0, last = first] = range.split("-").map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
