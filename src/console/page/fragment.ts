/**
 * The operator's token out of the address's fragment, as the link of `npm start` carries it: fragments are not sent to servers.
 * It is taken out of the address, and so of the history, before anything else happens.
 */
export function takeToken(): string | null {
  const token = decoded(window.location.hash.slice(1));
  // Element ids are shorter than tokens may be.
  if (token.length < 32) return null;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return token;
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return ""; // A literal percent sign.
  }
}

/**
 * Calls `signIn` when a link with a token is opened in a tab that already shows the page: the browser then only changes the fragment.
 * Returns a function that stops it.
 */
export function onToken(signIn: (token: string) => void): () => void {
  const look = () => {
    const token = takeToken();
    if (token !== null) signIn(token);
  };
  window.addEventListener("hashchange", look);
  return () => window.removeEventListener("hashchange", look);
}
