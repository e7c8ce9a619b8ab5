import { Hono } from "hono";
import * as z from "zod";
import { decide } from "../../../handlers/moderation/operator-decision.ts";
import { cloudinaryApi } from "../../../lib/cloudinary/api.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { redact } from "../../../lib/shared/redact.ts";
import { stop } from "../api-error.ts";
import { type Joined, reason, valid } from "../context.ts";
import { mostBodyBytes, thumbnailOf } from "../thumbnail.ts";

const listQuery = z.object({
  show: z.enum(["pending", "decided", "held"]),
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
    const { show, limit } = c.req.valid("query");
    // One more than asked for says whether there are more.
    const found = await cards(c.env.db, show, limit + 1);
    return c.json({ cards: found.slice(0, limit), more: found.length > limit });
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

interface Card {
  assetId: string;
  version: number;
  kind: string;
  status: string;
  decidedAt: Date;
  /** What was chosen: `none` until then. */
  action: string;
  method: string | null;
  carriedOutAt: Date | null;
  publicId: string | null;
  notificationId: string | null;
  /** The held delivery, and why it is held. */
  deliveryId: string | null;
  heldFor: string | null;
}

const columns = `d.asset_id as "assetId", d.version::float8 as version, d.kind, d.status, d.decided_at as "decidedAt", d.action, d.method,
  d.carried_out_at as "carriedOutAt", n.public_id as "publicId", n.id as "notificationId"`;

// What is said of this version; its upload first, because that has the picture.
const about = `
left join lateral (
  select n.id, n.public_id, case when octet_length(n.body) <= ${mostBodyBytes} then n.body end as body
  from notifications n where n.asset_id = d.asset_id and n.version = d.version
  order by n.type = 'upload' desc, n.received_at desc limit 1) n on true`;

/** So many are looked at in one statement. */
const look = 2_000;
const mostLooks = 100;

// A newer version, a later word of the same kind, or a deletion leaves nothing to decide. Cloudinary dates decisions to the second.
const mark = `
with looked as materialized (
  select d.*,
    exists (
      select from moderation_decision later
      where later.asset_id = d.asset_id and (later.version > d.version or (
        later.version = d.version and later.kind = d.kind and later.status <> 'pending'
        and later.decided_at >= date_trunc('second', d.decided_at))))
    or exists (
      select from notifications gone
      where gone.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at)
    or exists (
      select from notification_asset a join notifications gone on gone.id = a.notification_id
      where a.asset_id = d.asset_id and gone.type in ('delete', 'delete_by_token') and gone.received_at >= d.noted_at) as over
  from moderation_decision d where d.status = 'pending' and not d.answered order by d.noted_at desc limit ${look}
), marked as (
  update moderation_decision m set answered = true from looked
  where looked.over and m.asset_id = looked.asset_id and m.version = looked.version and m.kind = looked.kind
    and m.status = 'pending' and m.decided_at = looked.decided_at
)
select count(*)::int as looked, count(*) filter (where over)::int as over from looked`;

const pending = `
select ${columns}, null as "deliveryId", null as "heldFor", n.body
from moderation_decision d ${about}
where d.status = 'pending' and not d.answered order by d.noted_at desc limit $1::int`;

const decided = `
select ${columns}, null as "deliveryId", null as "heldFor", n.body
from moderation_decision d ${about}
where d.status in ('approved', 'rejected', 'aborted', 'overridden')
order by d.noted_at desc limit $1::int`;

const held = `
select coalesce(n.asset_id, '') as "assetId", coalesce(n.version, 0)::float8 as version, coalesce(d.kind, 'moderation') as kind,
       coalesce(d.status, 'unknown') as status, coalesce(d.decided_at, n.received_at) as "decidedAt",
       coalesce(d.action, 'hold') as action, d.method, d.carried_out_at as "carriedOutAt", n.public_id as "publicId",
       n.id as "notificationId", v.id as "deliveryId", v.last_error as "heldFor",
       case when octet_length(n.body) <= ${mostBodyBytes} then n.body end as body
from deliveries v join notifications n on n.id = v.notification_id
left join lateral (
  select * from moderation_decision d where d.asset_id = n.asset_id and d.version = n.version
  order by d.decided_at desc limit 1) d on true
where v.state = 'held' and v.handler = 'moderation'
order by v.settled_at desc limit $1::int`;

const statements = { pending, decided, held };

async function cards(db: Db, show: keyof typeof statements, limit: number) {
  if (show === "pending") await markAnswered(db);
  const { rows } = await db.query<Card & { body: Uint8Array | null }>(statements[show], [limit]);
  return rows.map(({ body, ...card }) => ({ ...card, thumbnail: body && thumbnailOf(body) }));
}

/** So that each is looked at until it is answered and never after, however many there were. */
async function markAnswered(db: Db): Promise<void> {
  for (let looks = 0; looks < mostLooks; looks += 1) {
    const { rows } = await db.query<{ looked: number; over: number }>(mark);
    const [found] = rows;
    if (!found || found.looked < look || found.over === 0) return;
  }
}

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
