/** The subject of a delivery, such as an SKU. For e-mails it is a hash of the recipients and is not shown. */
export function Subject({ of }: { of: { handler: string; subject: string | null } }) {
  return of.subject === null || of.handler === "email" ? null : <code className="quiet">{of.subject}</code>;
}
