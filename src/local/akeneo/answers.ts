/** An error in Akeneo's format: https://api.akeneo.com/documentation/responses.html */
export class AkeneoError extends Error {
  override name = "AkeneoError";
  readonly status: number;
  readonly more: object;
  constructor(status: number, message: string, more: object = {}) {
    super(message);
    this.status = status;
    this.more = more;
  }
}

export interface Violation {
  property: string;
  message: string;
  attribute: string;
  locale: string | null;
  scope: string | null;
}

/** 422 with the rejected values. */
export function violated(errors: readonly Violation[]): AkeneoError {
  return new AkeneoError(422, "Validation failed.", { errors });
}

export function errorAnswer(
  { status, message, more }: Pick<AkeneoError, "status" | "message" | "more">,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ code: status, message, ...more }, { status, headers });
}
