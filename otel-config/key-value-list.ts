/** Reads `name=value,name=value`, percent-encoded, as `OTEL_RESOURCE_ATTRIBUTES` and OTLP header lists are written. */

/** Undefined where it cannot be read. Entries that are only white space are left out. */
export function readPairs(text: string): (readonly [name: string, value: string])[] | undefined {
  const pairs: (readonly [string, string])[] = [];
  for (const entry of text.split(",")) {
    if (entry.trim() === "") continue;
    const equals = entry.indexOf("=");
    const name = decode(entry.slice(0, Math.max(equals, 0)));
    const value = decode(entry.slice(equals + 1));
    if (!name || value === undefined) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return undefined;
  }
}
