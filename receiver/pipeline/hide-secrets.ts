/** Keeps the secrets of a destination's settings out of what it answers: a backend or a proxy may repeat a request in its error. */
import type { Destination, SendResult } from "#exporters/contract.ts";
import type { SettingGroup } from "#otel-config/declaration.ts";
import type { SettingValues } from "#otel-config/read-group.ts";

/** A shorter text would be found in many a word; no credential is that short. */
const LEAST_LENGTH = 4;
const HIDDEN = "…";

/** The same destination, whose reasons and messages have none of the secrets that the settings declare or a URL carries. */
export function hideSecrets(
  destination: Destination,
  group: SettingGroup,
  settings: SettingValues,
): Destination {
  const secrets = collectSecrets(group, settings);
  if (secrets.length === 0) return destination;
  return {
    ...destination,
    send: async (records, signal) =>
      hideIn(await destination.send(records, signal), secrets) as unknown as SendResult,
  };
}

function hideIn(answer: object, secrets: readonly string[]): object {
  const hidden = Object.entries(answer).map(([key, value]: [string, unknown]) => {
    if (typeof value === "string" && key !== "kind") return [key, hideInText(value, secrets)];
    return [key, key === "rejected" ? (value as object[]).map((inner) => hideIn(inner, secrets)) : value];
  });
  return Object.fromEntries(hidden) as object;
}

function hideInText(text: string, secrets: readonly string[]): string {
  return secrets.reduce((hidden, secret) => hideCut(hidden.replaceAll(secret, HIDDEN), secret), text);
}

/** An exporter keeps only the beginning of a long answer, whose end may be the beginning of a secret. */
function hideCut(text: string, secret: string): string {
  for (let length = secret.length - 1; length >= LEAST_LENGTH; length--)
    if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + HIDDEN;
  return text;
}

/** The longest first, because one may be a part of another. */
function collectSecrets(group: SettingGroup, settings: SettingValues): string[] {
  const declared = Object.entries(group.settings).flatMap(([name, { secret }]) =>
    secret ? textsOf(settings[name]) : [],
  );
  const urls = Object.values(settings).flatMap(textsOf).flatMap(readUserInfo);
  const { username } = settings;
  const basic = typeof username === "string" ? declared.map((secret) => encode(username, secret)) : [];
  // Of `Bearer x`, x is the secret.
  const words = declared.flatMap((text) => text.split(/[\s,;]+/).slice(1));
  return [...new Set([...declared, ...words, ...urls, ...basic])]
    .filter((secret) => secret.length >= LEAST_LENGTH)
    .sort((left, right) => right.length - left.length);
}

function textsOf(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

function readUserInfo(text: string): string[] {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) return [];
  const { username, password } = new URL(text);
  if (username === "") return [];
  const [name, word] = [decodeURIComponent(username), decodeURIComponent(password)];
  return [`${username}:${password}`, encode(name, word), word === "" ? name : word];
}

/** As basic authentication sends them (RFC 7617). */
function encode(username: string, password: string): string {
  return Buffer.from(`${username}:${password}`).toString("base64");
}
