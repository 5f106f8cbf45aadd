/** What a request asks for, as its first line says it; for every server of ours, so that none of them reads it another way. */
export interface RequestTarget {
  /** Not decoded, with nothing resolved in it. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * Reads a request target in origin-form (`/metrics?x`) and in absolute-form (`http://host/metrics?x`), which a server
 * must accept (RFC 9112 section 3.2.2). The other forms, and whatever else a client sends, are a path that nobody serves.
 */
export function readRequestTarget(target = ""): RequestTarget {
  // What is no URL, as with a port beyond 65535, stays whole and is such a path.
  const local = URL.canParse(target) ? target.replace(/^https?:\/\/[^/?#]+/i, "") : target;
  const [path = "", ...query] = local.split("#", 1)[0]?.split("?") ?? [];
  return {
    path: path === "" && local !== target ? "/" : path,
    query: new URLSearchParams(query.join("?")),
  };
}
