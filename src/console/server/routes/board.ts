import { Hono } from "hono";
import * as z from "zod";
import { decide } from "../../../handlers/moderation/operator-decision.ts";
import { cloudinaryApi } from "../../../lib/cloudinary/api.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { redact } from "../../../lib/shared/redact.ts";
import { settings } from "../../../settings.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";
import { cardsOf, deletionCap } from "../queries/board.ts";

const listQuery = z.object({
  show: z.enum(["pending", "decided", "held"]),
  order: z.enum(["oldest", "newest"]).default("newest"),
  /** In this folder or one below it. */
  folder: z.string().min(1).max(500).optional(),
  limit: z.coerce.number().int().min(1).max(600).default(60),
});

const decision = z.object({
  assetId: z.string().min(1).max(500),
  /** The version that the operator saw. */
  version: z.number().int().nonnegative(),
  status: z.enum(["approved", "rejected"]),
  reason: reason.optional(),
});

/** What is moderated: waiting for a decision, decided, or held because it cannot be carried out without a person. */
export const board = new Hono<Joined>()
  .get("/moderation", valid("query", listQuery), async (c) => {
    const { show, limit, order, folder } = c.req.valid("query");
    const { db, config } = c.env;
    const cap = await deletionCap(db, settings.moderation.maxDeletionsPerHour);
    // One more than asked for says whether there are more.
    const found = await cardsOf(
      db,
      { show, order, folder: folder ?? null, limit: limit + 1 },
      {
        settings: settings.moderation,
        cloudName: config.cloudinary?.cloudName ?? null,
        maySeeRestricted: c.get("role") === "operator",
        cap,
        now: Date.now(),
      },
    );
    return c.json({ cards: found.slice(0, limit), more: found.length > limit, deletions: cap });
  })
  .post("/moderation/decide", valid("json", decision), async (c) => {
    const { reason: why, ...wanted } = c.req.valid("json");
    const { cloudinary } = c.env.config;
    if (cloudinary === null) stop(409, "no-account");
    // Written down before it is done: what was asked for must not be lost with the answer.
    const note = await noteAct(c.env.db, { who: c.get("who"), why, wanted });
    const decided = await decide(cloudinaryApi(cloudinary), wanted).catch((error: unknown) => {
      log("error", "moderation not decided", { error: errorText(error) });
      return { ok: false as const, reason: "cloudinary-failed" as const };
    });
    await noteOutcome(c.env.db, note, decided.ok ? "done" : decided.reason);
    if (!decided.ok) stop(409, decided.reason);
    return c.json(decided);
  });

async function noteAct(
  db: Db,
  {
    who,
    why,
    wanted,
  }: { who: string; why: string | undefined; wanted: { assetId: string; version: number; status: string } },
): Promise<number> {
  const { rows } = await db.query<{ id: number }>(
    `insert into operator_acts (who, act, reason, detail)
     values ($1, case $2 when 'approved' then 'approve' else 'reject' end, $3, $4::jsonb) returning id::float8 as id`,
    [
      who,
      wanted.status,
      why === undefined ? null : redact(why),
      JSON.stringify({ ...wanted, outcome: "asked" }),
    ],
  );
  return rows[0]?.id ?? 0;
}

async function noteOutcome(db: Db, id: number, outcome: string): Promise<void> {
  await db.query(
    "update operator_acts set detail = detail || jsonb_build_object('outcome', $2::text) where id = $1::bigint",
    [id, outcome],
  );
}
