/** Something that must never be. */
export interface Violation {
  invariant: string;
  text: string;
  /** The tokens, public ids and deliveries that it is about, for the timeline. */
  about: string[];
}

/** What the checks counted. */
export type Figures = Record<string, number>;
