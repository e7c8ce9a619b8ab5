import * as z from "zod";
import { redact } from "../shared/redact.ts";

/**
 * Cloudinary said no, or nothing was heard of it. Holds message and code only: what the SDK rejects with carries
 * the key and the secret in clear text (https://github.com/cloudinary/cloudinary_npm, `request_options.auth`).
 */
export class CloudinaryError extends Error {
  override name = "CloudinaryError" as const;
  /** The HTTP status; null when no answer came. */
  readonly code: number | null;
  /** When calls are allowed again, where the answer said so. */
  readonly resetAt: Date | null;

  constructor(message: string, about: { code: number | null; resetAt?: Date | null }) {
    super(redact(message).slice(0, 500));
    this.code = about.code;
    this.resetAt = about.resetAt ?? null;
  }

  get isNotFound(): boolean {
    return this.code === 404;
  }

  get isRateLimit(): boolean {
    return this.code === 420 || this.code === 429;
  }

  /**
   * Whether the call may have taken effect: no answer came, or none that can be read (the SDK rejects a 200 whose body is not
   * JSON). 499 is what the SDK calls its own timeout.
   */
  get isUnknownOutcome(): boolean {
    return this.code === null || this.code < 400 || this.code === 499 || this.code >= 500;
  }

  /** Worth another try: busy (423), or the outcome is unknown. */
  get isTransient(): boolean {
    return this.isUnknownOutcome || this.code === 423;
  }
}

const refusal = z.looseObject({ message: z.string(), http_code: z.number().optional() });
const rejectionSchema = z.union([z.looseObject({ error: refusal }).transform(({ error }) => error), refusal]);

/** Makes an error of whatever the SDK rejected with: `{message}`, `{error: {message}}` or an Error. */
export function cloudinaryError(call: string, rejection: unknown, resetAt: Date | null): CloudinaryError {
  const read = rejectionSchema.safeParse(rejection);
  if (read.success)
    return new CloudinaryError(`${call}: ${read.data.message}`, {
      code: read.data.http_code ?? null,
      resetAt,
    });
  const text = rejection instanceof Error ? rejection.message : "the connection failed";
  return new CloudinaryError(`${call}: ${text}`, { code: null, resetAt });
}
