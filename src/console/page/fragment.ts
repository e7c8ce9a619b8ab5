/**
 * The operator's token out of the address's fragment, as the link of `npm start` carries it: fragments are not sent to servers.
 * It is taken out of the address, and so of the history, before anything else happens.
 */
export function takeToken(): string | null {
  const token = decodeURIComponent(window.location.hash.slice(1));
  // Element ids are shorter than tokens may be.
  if (token.length < 32) return null;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  return token;
}
