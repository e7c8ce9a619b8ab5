/** The subject of a delivery, such as an SKU. For messages it is the group of their recipients and is not shown. */
export function Subject({ of }: { of: { handler: string; subject: string | null } }) {
  return of.subject === null || of.handler === "email" || of.handler === "chat" ? null : (
    <code className="quiet">{of.subject}</code>
  );
}
