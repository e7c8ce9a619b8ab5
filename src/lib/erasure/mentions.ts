/** A name this short, of letters only, may be any word of a sentence: it counts where it stands in quotation marks. */
const shortWord = /^\p{L}{1,3}$/u;

/**
 * Regular expressions of Postgres for texts that name one of these ids: the whole id, and not another one that holds it, such as
 * `a` in `vase`, or `garden/hose` in `garden/hose-2`.
 */
export function mentionsOf(ids: readonly string[]): string[] {
  return ids.map((id) => {
    const literal = id.replace(/[!-/:-@[-`{-~]/g, "\\$&");
    return shortWord.test(id)
      ? `["'\`“”„‘’«»]${literal}["'\`“”„‘’«»]`
      : `(?<![\\w/.@-])${literal}(?![\\w/@-]|\\.\\w)`;
  });
}
