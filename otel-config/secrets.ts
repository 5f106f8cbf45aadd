/** Keeps secrets out of messages. */
import { inspect } from "node:util";

const secretKey = /headers|api_?key|password|passwd|secret|(^|[._-])token$|authorization|credential/i;

/** Whether a value at this path may be a secret. A header's value is; so is what a typing mistake put there. */
function isSecret(path: readonly (string | number)[]): boolean {
  return path.some((key) => typeof key === "string" && secretKey.test(key));
}

/** A value as it is shown in a message: short, on one line, with its type. `isDeclaredSecret`: its setting says so. */
export function describeReceived(
  value: unknown,
  path: readonly (string | number)[],
  isDeclaredSecret = false,
): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (isDeclaredSecret || isSecret(path))
    return `a ${typeof value === "string" ? "text" : typeof value} (not shown)`;
  if (typeof value !== "string") return `the ${typeof value} ${inspect(value)}`;
  return `the text ${inspect(shorten(hideUserInfo(value)), { breakLength: Infinity })}`;
}

/** `https://user:password@host` without what stands before the `@`. */
function hideUserInfo(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, "//…@");
}

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
