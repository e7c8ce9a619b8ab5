/** What a delivery is about, such as an SKU. An e-mail's is a hash of its recipients, which says nothing to a person. */
export function Subject({ of }: { of: { handler: string; subject: string | null } }) {
  return of.subject === null || of.handler === "email" ? null : <code className="quiet">{of.subject}</code>;
}
