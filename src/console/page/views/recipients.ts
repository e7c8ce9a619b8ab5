/** The recipients that SendGrid accepted and rejected, masked as the e-mail handler stores them. */
export function recipientsOf(result: unknown): { accepted: string[]; refused: string[] } {
  const entries = (name: string): unknown[] => {
    const value: unknown =
      typeof result === "object" && result !== null ? Reflect.get(result, name) : undefined;
    return Array.isArray(value) ? value : [];
  };
  return {
    accepted: entries("accepted").filter((entry) => typeof entry === "string"),
    refused: entries("refused").flatMap((entry) => {
      const { recipient, reason } = Object(entry);
      return typeof recipient === "string" ? `${recipient}: ${reason}` : [];
    }),
  };
}
