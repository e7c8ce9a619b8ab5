/** Something that the person at the keyboard can mend: printed as it stands, without a stack. */
export class DemoProblem extends Error {
  override name = "DemoProblem";
  readonly exitCode: number;
  /** 2: what was asked for was not understood; 1: it was, and could not be done. */
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
