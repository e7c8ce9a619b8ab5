const help = "http://sendgrid.com/docs/API_Reference/Web_API_v3/Mail/errors.html";

/** One entry of the API's `errors[]`. */
export interface MailError {
  message: string;
  field: string | null;
  help: string | null;
}

export const mailError = (field: string, message: string, topic: string): MailError => ({
  message,
  field,
  help: `${help}#${topic}`,
});

export const plainError = (message: string): MailError => ({ message, field: null, help: null });

export function refusal(
  status: number,
  errors: readonly MailError[],
  headers: Record<string, string> = {},
): Response {
  return Response.json({ errors }, { status, headers });
}
