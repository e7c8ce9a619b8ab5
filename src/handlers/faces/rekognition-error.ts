import type { Settlement } from "../../lib/deliveries/handler.ts";
import { redact } from "../../lib/shared/redact.ts";

/** Rekognition rejected a call or did not answer. */
export class RekognitionError extends Error {
  override name = "RekognitionError" as const;
  /** The error's name at AWS, such as `ThrottlingException`; `no-answer` without an answer. */
  readonly code: string;
  readonly status: number | null;

  constructor(operation: string, about: { code: string; status: number | null; message: string }) {
    super(redact(`Rekognition ${about.code} to ${operation}: ${about.message}`).slice(0, 500));
    this.code = about.code;
    this.status = about.status;
  }

  get isThrottling(): boolean {
    return throttling.has(this.code) || this.status === 429;
  }

  /** No retry helps before a person changes the key, its permissions or a quota. */
  get isPermanent(): boolean {
    return !this.isThrottling && this.status !== null && this.status < 500 && !transient.has(this.code);
  }

  /** Rekognition cannot use this picture. */
  get isAboutPicture(): boolean {
    return pictureErrors.has(this.code);
  }
}

const throttling = new Set([
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "LimitExceededException",
  "TooManyRequestsException",
]);
const transient = new Set(["ResourceNotFoundException", "ConflictException", "RequestTimeTooSkewed"]);
const pictureErrors = new Set([
  "InvalidImageFormatException",
  "ImageTooLargeException",
  "InvalidParameterException",
]);

/** Between 10 and 30 seconds, so that the deliveries of a burst do not come back together. */
const throttledMs = () => 10_000 + Math.random() * 20_000;

/** The settlement after an error of Rekognition. Rethrows other errors. */
export function settlementOfRekognition(error: unknown): Settlement {
  if (!(error instanceof RekognitionError)) throw error;
  if (error.isThrottling) return { kind: "wait", until: new Date(Date.now() + throttledMs()) };
  return { kind: error.isPermanent ? "give-up" : "retry", error: error.message };
}
