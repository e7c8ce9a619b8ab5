/** A mail without its recipients. */
export interface Mail {
  from: string;
  /** One line. */
  subject: string;
  html: string;
  text: string;
  /** A marker in the texts, replaced by a value of each recipient. */
  replacement?: Replacement | null;
}

export interface Replacement {
  /** Letters, digits and hyphens; nowhere else in the texts. */
  marker: string;
  /** Without characters that HTML or URLs give a meaning. */
  valueFor(address: string): string;
}

/** One request to a provider: the same mail to each recipient separately. */
export interface MailRequest {
  mail: Mail;
  recipients: readonly string[];
  deliveryId: string;
  /** The same for a request that is sent again, and for no other one. */
  key: string;
  /** A preview: nothing may reach a recipient. */
  sandbox: boolean;
}

/** The outcome of a request. */
export type Answer =
  /** `refused`: recipients that were left out, while the others get the mail. */
  | { kind: "accepted"; messageIds: string[]; refused?: RefusedPosition[] }
  /** Rejected permanently. `positions`: the recipients that caused it. */
  | { kind: "refused"; error: string; positions: RefusedPosition[] }
  /** Not sent; can be retried. */
  | { kind: "unavailable"; error: string; afterMs?: number }
  /** The mail may have been sent, and there is no way to check. */
  | { kind: "unknown"; error: string };

export interface RefusedPosition {
  /** In `recipients`, from 0. */
  position: number;
  reason: string;
}

/**
 * A service that sends mails. A further one, such as SMTP or Amazon SES, is a file that implements this and a line in providers.ts;
 * `test/handlers/email/providers.test.ts` has what it must fulfil (docs/decisions/0014-mail-providers-share-a-port.md).
 */
export interface MailProvider {
  /** In messages for people. */
  name: string;
  /** Of one request. */
  maxRecipients: number;
  /**
   * For how long the service recognises a request that is sent again with the same key, so that one with an unknown outcome is repeated.
   * null: it does not, and such a mail is put on hold.
   */
  repeatableMs: number | null;
  /** Never rejects. Errors contain neither the key nor addresses. */
  post(request: MailRequest, signal: AbortSignal): Promise<Answer>;
}
