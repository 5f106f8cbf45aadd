/**
 * Whose fault a status of HTTP is. One table for every protocol on HTTP, so that two of them cannot disagree about an
 * expired token.
 */
export type Fault = "none" | "data" | "size" | "moment" | "destination";

const FAULTS: Readonly<Record<number, Fault>> = {
  400: "data",
  /** Unprocessable Content (RFC 9110 section 15.5.21): the request was understood, and what it holds was not taken. */
  422: "data",
  413: "size",
  /** The client read no answer at all. */
  0: "moment",
  408: "moment",
  425: "moment",
  429: "moment",
};

/** Whatever the table does not name, as a redirection, 401, 403, 404, 405 or 415, says nothing about the records. */
export function findFault(status: number): Fault {
  const fault = FAULTS[status];
  if (fault !== undefined) return fault;
  if (status >= 200 && status < 300) return "none";
  return status >= 500 ? "moment" : "destination";
}

/** An answer with a page for people comes from a proxy or a login page, and the records did not arrive. */
export function isHtml(contentType: string | undefined): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? "");
}

const MOST_REDIRECTIONS = 5;

/**
 * Where a request is to be sent again with the same method and body (307 and 308, RFC 9110 section 15.4.8), `undefined`
 * where it must not be: the credentials are for one origin only.
 */
export function findRedirection(
  { status, location }: { readonly status: number; readonly location?: string },
  url: string,
  redirections: number,
): string | undefined {
  if (status !== 307 && status !== 308) return undefined;
  if (location === undefined || redirections >= MOST_REDIRECTIONS || !URL.canParse(location, url))
    return undefined;
  const target = new URL(location, url);
  return target.origin === new URL(url).origin ? target.href : undefined;
}
