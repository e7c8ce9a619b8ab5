/** Something that the person who typed `npm start` can mend: printed as it stands, without a stack. */
export class StartProblem extends Error {
  override name = "StartProblem";
}
