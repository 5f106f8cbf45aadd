/** Why a virtual machine could not do its work. */
export class VmError extends Error {
  /** `VM_UNAVAILABLE`: this machine lacks what it takes, and nothing was tested. `VM_FAILED`: it ran and came to nothing. */
  readonly code: "VM_UNAVAILABLE" | "VM_FAILED";

  constructor(code: VmError["code"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
