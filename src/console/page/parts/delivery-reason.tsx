import { own } from "../../../lib/shared/own.ts";
import { texts } from "../texts.ts";
import type { State } from "./state.tsx";

/** Why a delivery ended: error messages verbatim, reason codes (as in logs and API) with an explanation. */
export function Said({ state, reason }: { state: State; reason: string | null }) {
  if (reason === null) return null;
  const explained = state === "held" || state === "skipped" ? own(texts[state], reason) : undefined;
  if (explained === undefined) return <span className={`said ${state}`}>{reason}</span>;
  return (
    <span className="said">
      {explained} <code className="quiet">{reason}</code>
    </span>
  );
}
