/** Why something cannot be raised on this machine; a test that meets it is skipped with the reason. */
export class CannotProvokeError extends Error {
  readonly code = "CANNOT_PROVOKE";
}
