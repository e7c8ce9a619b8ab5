import type { Json } from "../../../lib/deliveries/handler.ts";
import type { BatchSettlement } from "../../../lib/deliveries/settle-batch.ts";
import { type Progress, progressJson } from "./progress.ts";
import type { Transmitted } from "./transmit.ts";

/** The settlement of the attempt, with its result and progress. Recipients in the result are masked. */
export function settlementOf(
  { progress, refused, stopped }: Transmitted,
  provider: string,
  extra: { [key: string]: Json },
): BatchSettlement {
  const result: Json = {
    ...resultOf(progress),
    refused: refused.map(({ recipient, reason }) => ({ recipient, reason })),
    ...extra,
  };
  const kept = { result, progress: progressJson(progress) };
  switch (stopped?.kind) {
    case undefined:
      // The rejected recipients are in the result, and each causes an alert; the others have the mail.
      if (refused.length === 0 || progress.accepted.length > 0) return { kind: "done", ...kept };
      return { kind: "give-up", error: refusedText(provider, refused), ...kept };
    case "unknown":
      // The provider recognises the request, so the next attempt repeats it.
      if (progress.pending)
        return { kind: "retry", error: `${stopped.error}; the request is repeated`, ...kept };
      return { kind: "hold", reason: "outcome-unknown", ...kept };
    case "unavailable":
      return {
        kind: "retry",
        error: stopped.error,
        ...(stopped.afterMs !== undefined && { afterMs: stopped.afterMs }),
        ...kept,
      };
    case "refused":
      return { kind: "give-up", error: stopped.error, ...kept };
    default:
      return stopped satisfies never;
  }
}

function resultOf({ accepted, messageIds }: Progress) {
  return { accepted: accepted.map(({ recipient }) => recipient), messageIds };
}

function refusedText(provider: string, refused: Transmitted["refused"]): string {
  const list = refused.slice(0, 5).map(({ recipient, reason }) => `${recipient} (${reason})`);
  return `${provider} rejected every recipient: ${list.join(", ")}. Correct the addresses and replay.`;
}
