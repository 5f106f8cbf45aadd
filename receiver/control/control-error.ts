/** Everything that can go wrong between the commands and the running program. */
export type ControlErrorCode =
  | "CONTROL_PATH_TOO_LONG"
  | "CONTROL_CANNOT_LISTEN"
  /** No program listens there. */
  | "CONTROL_NOT_RUNNING"
  | "CONTROL_REFUSED";

export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
