import type { CloudinaryAccount } from "../../config.types.ts";
import { type Decide, type Decided, decide } from "../../handlers/moderation/operator-decision.ts";
import { cloudinaryApi } from "../../lib/cloudinary/api.ts";
import type { Db } from "../../lib/database/pool.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import { noteAct, noteOutcome } from "./queries/note-act.ts";

export interface PersonDecision {
  /** Recorded in the audit log. */
  who: string;
  reason: string | undefined;
  wanted: Decide;
}

/** A decision by a person, on the board or by a link: recorded before it is made, so that it is not lost if the answer is. */
export async function decideAsPerson(
  db: Db,
  account: CloudinaryAccount,
  { who, reason, wanted }: PersonDecision,
): Promise<Decided | { ok: false; reason: "cloudinary-failed" }> {
  const act = wanted.status === "approved" ? "approve" : "reject";
  const note = await noteAct(db, { who, act, reason, detail: { ...wanted } });
  const decided = await decide(cloudinaryApi(account), wanted).catch((error: unknown) => {
    log("error", "moderation decision failed", { error: errorText(error) });
    return { ok: false as const, reason: "cloudinary-failed" as const };
  });
  await noteOutcome(db, note, { outcome: decided.ok ? "done" : decided.reason });
  return decided;
}
