/** Something that the person at the keyboard can mend: printed as it stands, without a stack. */
export class CliProblem extends Error {
  override name = "CliProblem";
  readonly exitCode: number;
  /** 2: the command was not understood; 1: it was, and could not be carried out. */
  constructor(message: string, exitCode: 1 | 2 = 1, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
