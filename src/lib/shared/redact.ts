const concealed = new Set<string>();

/** From now on `redact` blanks this value wherever it appears. Short values are left out: they would blank ordinary words. */
export function conceal(value: string | undefined): void {
  if (value !== undefined && value.length >= 8) concealed.add(value);
}

/** The text without configured secrets, e-mail addresses, and credentials in URLs. For everything that is logged or stored as an error. */
export function redact(text: string): string {
  let clean = text;
  for (const value of concealed) clean = clean.replaceAll(value, "[secret]");
  return (
    clean
      .replace(/(:\/\/[^/\s:@]*):[^/\s@]+@/g, "$1:[secret]@")
      // Bounded as addresses are: without a bound a long run of letters takes time by its square.
      .replace(/[\w.+-]{1,64}@[\w-]{1,63}(\.[\w-]{1,63})+/g, maskAddress)
  );
}

/** `ada@example.com` as `a…@example.com`: enough to recognise, not enough to write to. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf("@");
  return at < 1 ? "…" : `${address.slice(0, 1)}…${address.slice(at)}`;
}
