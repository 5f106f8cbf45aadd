/** Unix sockets as people write them: a path, or as gRPC and crictl do. */

/** `unix:///run/x.sock` and `unix:/run/x.sock` are `/run/x.sock`. */
export function readSocketPath(text: string): string {
  return text.replace(/^unix:(?:\/\/)?(?=\/)/, "");
}
