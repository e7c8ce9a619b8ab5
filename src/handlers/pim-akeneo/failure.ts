import type { Answer } from "../../lib/outgoing/request.ts";
import { redact } from "../../lib/shared/redact.ts";
import { retryAfterMs } from "../../lib/shared/retry-after.ts";
import type { PushOutcome } from "../pim/connector.ts";
import { errorSchema, json } from "./resources.ts";

/** A push that ends here, and how. */
export class PushEnded extends Error {
  override name = "PushEnded" as const;
  readonly outcome: PushOutcome;
  constructor(outcome: PushOutcome) {
    super(outcome.kind);
    this.outcome = outcome;
  }
}

export function tryAgain(error: string, afterMs?: number | null): PushEnded {
  return new PushEnded({ kind: "try-again", error, ...(afterMs != null && { afterMs }) });
}

export function refused(error: string): PushEnded {
  return new PushEnded({ kind: "refused", error });
}

/** Akeneo's good practices name 408, 429, 5xx and broken connections as what to retry. */
export function isTransient({ status }: Answer): boolean {
  return status === 408 || status === 425 || status === 429 || status >= 500;
}

/** What ends a push when Akeneo answers a call otherwise than documented for success. */
export function failureOf(call: string, answer: Answer): PushEnded {
  const error = `Akeneo answered ${answer.status} to ${call}${reasonOf(answer)}`;
  // 409 is a conflict with another update: the next attempt reads the product again.
  if (isTransient(answer) || answer.status === 409) return tryAgain(error, retryAfterMs(answer.retryAfter));
  if (answer.status < 300) return tryAgain(`${error}, which is not its answer to this call`);
  if (answer.status < 400) return refused(`${error}: set AKENEO_URL to the address that it redirects to`);
  return refused(error);
}

/** Akeneo's own words: its message, and for each rejected value the property or attribute. */
export function reasonOf({ text }: Answer): string {
  const { success, data } = errorSchema.safeParse(json(text));
  const words = success
    ? [
        data.message,
        ...data.errors.map((error) => `${error.attribute ?? error.property}: ${error.message}`),
      ].join(" ")
    : text;
  const line = redact(words.replace(/\s+/g, " ").trim()).slice(0, 500);
  return line === "" ? "" : `: ${line}`;
}
