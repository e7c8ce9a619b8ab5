/** A name this short, of letters only, may be an ordinary word, so it is matched only in quotation marks. */
const shortWord = /^\p{L}{1,3}$/u;

/**
 * Postgres regular expressions for texts that contain one of these ids as a whole, and not as part of another id, such as `a` in
 * `vase`, or `garden/hose` in `garden/hose-2`.
 */
export function mentionsOf(ids: readonly string[]): string[] {
  return ids.map((id) => {
    const literal = id.replace(/[!-/:-@[-`{-~]/g, "\\$&");
    return shortWord.test(id)
      ? `["'\`“”„‘’«»]${literal}["'\`“”„‘’«»]`
      : `(?<![\\w/.@-])${literal}(?![\\w/@-]|\\.\\w)`;
  });
}
