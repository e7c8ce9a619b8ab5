import { type Context, Hono } from "hono";
import * as z from "zod";
import type { Decide } from "../../../handlers/moderation/operator-decision.ts";
import { takeBack } from "../../../handlers/moderation/take-back.ts";
import { accountOfAsset } from "../../../lib/cloudinary/accounts.ts";
import { cloudinaryApi } from "../../../lib/cloudinary/api.ts";
import { discard } from "../../../lib/deliveries/operator-acts.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";
import { decideAsPerson } from "../decide-as-person.ts";
import { cardOf, cardsOf } from "../queries/board.ts";
import { noteAct, noteOutcome } from "../queries/note-act.ts";
import { factContext } from "../queries/releases.ts";

const listQuery = z.object({
  show: z.enum(["pending", "decided", "held"]),
  order: z.enum(["oldest", "newest"]).default("newest"),
  /** In this folder or its subfolders. */
  folder: z.string().min(1).max(500).optional(),
  kind: z.string().min(1).max(100).optional(),
  cloud: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(600).default(60),
});

const decision = z.object({
  assetId: z.string().min(1).max(500),
  /** The version that the operator saw. */
  version: z.number().int().nonnegative(),
  status: z.enum(["approved", "rejected"]),
  /** The status that the operator saw. A decision is then overridden, which requires a reason. */
  seen: z.enum(["pending", "approved", "rejected"]).default("pending"),
  reason: reason.optional(),
});

const takingBack = z.object({
  assetId: z.string().min(1).max(500),
  version: z.number().int().nonnegative(),
  reason: reason.optional(),
});

/** The assets under moderation: pending, decided, or on hold until an operator decides. */
export const board = new Hono<Joined>()
  .get("/moderation", valid("query", listQuery), async (c) => {
    const { show, limit, order, folder, kind, cloud } = c.req.valid("query");
    const context = await factContext(c);
    // One additional row shows whether there are more.
    const listed = {
      show,
      order,
      folder: folder ?? null,
      kind: kind ?? null,
      cloud: cloud ?? null,
      limit: limit + 1,
    };
    const found = await cardsOf(c.env.db, listed, context);
    const { cap } = context;
    return c.json({ cards: found.slice(0, limit), more: found.length > limit, deletions: cap });
  })
  .post("/moderation/decide", valid("json", decision), async (c) => {
    const { reason: why, ...wanted } = c.req.valid("json");
    const account = accountOfAsset(c.env.config, wanted.assetId);
    if (account === null) stop(409, "no-account");
    if (why === undefined && (await needsReason(c, wanted))) stop(400, "reason-required");
    const decided = await decideAsPerson(c.env.db, account, { who: c.get("who"), reason: why, wanted });
    if (!decided.ok) stop(409, decided.reason);
    return c.json(decided);
  })
  .post("/moderation/take-back", valid("json", takingBack), async (c) => {
    const { reason: why, ...wanted } = c.req.valid("json");
    const account = accountOfAsset(c.env.config, wanted.assetId);
    if (account === null) stop(409, "no-account");
    const { db } = c.env;
    const note = await noteAct(db, { who: c.get("who"), act: "take-back", reason: why, detail: wanted });
    const taken = await takeBack(db, cloudinaryApi(account), wanted).catch((error: unknown) => {
      log("error", "taking back a decision failed", { error: errorText(error) });
      return { ok: false as const, reason: "cloudinary-failed" as const };
    });
    await noteOutcome(db, note, { outcome: taken.ok ? "done" : taken.reason });
    if (!taken.ok) stop(409, taken.reason);
    // Deliveries that were held because of the decision are discarded.
    await discard(
      db,
      (param) =>
        `d.state = 'held' and d.handler = 'moderation' and exists (select from notifications n where n.id = d.notification_id
          and n.asset_id = ${param(wanted.assetId)} and n.version = ${param(wanted.version)}::bigint)`,
      { who: c.get("who"), reason: "decision taken back", limit: 100 },
    );
    return c.json(taken);
  });

/** Actions that delete or override. */
async function needsReason(c: Context<Joined>, { status, seen, ...version }: Decide): Promise<boolean> {
  if (seen !== "pending") return true;
  const card = await cardOf(c.env.db, version, await factContext(c));
  return (status === "approved" ? card?.approve : card?.reject)?.does === "delete";
}
