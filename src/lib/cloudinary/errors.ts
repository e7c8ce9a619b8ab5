import * as z from "zod";
import { redact } from "../shared/redact.ts";

/**
 * Cloudinary rejected a call or did not respond. Contains only message and code: the SDK's rejections contain
 * the key and the secret in plain text (https://github.com/cloudinary/cloudinary_npm, `request_options.auth`).
 */
export class CloudinaryError extends Error {
  override name = "CloudinaryError" as const;
  /** The HTTP status; null if there was no response. */
  readonly code: number | null;
  /** When calls are allowed again, if the response contains it. */
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
   * Whether the call may have taken effect: there was no response, or an unreadable one (the SDK rejects a 200 whose body is not
   * JSON). 499 is the SDK's code for its own timeout.
   */
  get isUnknownOutcome(): boolean {
    return this.code === null || this.code < 400 || this.code === 499 || this.code >= 500;
  }

  /** Can be retried: busy (423), or the outcome is unknown. */
  get isTransient(): boolean {
    return this.isUnknownOutcome || this.code === 423;
  }
}

const refusal = z.looseObject({ message: z.string(), http_code: z.number().optional() });
const rejectionSchema = z.union([z.looseObject({ error: refusal }).transform(({ error }) => error), refusal]);

/** What Cloudinary said, as the SDK passes it on; null if it said nothing. */
export function messageOf(rejection: unknown): string | null {
  const read = rejectionSchema.safeParse(rejection);
  return read.success ? read.data.message : null;
}

/** Converts a rejection of the SDK: `{message}`, `{error: {message}}` or an Error. */
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
