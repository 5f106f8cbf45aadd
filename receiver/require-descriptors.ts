/** Whether there are descriptors enough, at the start and when everything has its own. */
import { CodedError } from "#exporters/coded-error.ts";
import { howToRaise, spareDescriptors } from "#exporters/descriptors.ts";

/** Throws `TOO_FEW_DESCRIPTORS` where not even the local log and the control socket would have theirs. */
export function requireDescriptors(free: number): void {
  if (free >= spareDescriptors.others) return;
  const message = `only ${free} more files can be opened, and the local log and the control socket need ${spareDescriptors.others}: ${howToRaise}`;
  throw new CodedError("TOO_FEW_DESCRIPTORS", message);
}

/** What is wrong once every event is attached, as a sentence; a program, a map and a hook of BPF are descriptors too. */
export function explainScarceDescriptors(free: number): string | undefined {
  if (free >= spareDescriptors.others) return undefined;
  return `only ${free} more files can be opened; where the local log and the control socket would have fewer than ${spareDescriptors.others}, nobody can scrape metrics: ${howToRaise}`;
}
