import * as z from "zod";
import type { CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import type { Db } from "../../lib/database/pool.ts";

export interface TakeBack {
  assetId: string;
  /** The version that the operator saw. */
  version: number;
}

export type TakenBack =
  | { ok: true; publicId: string }
  | { ok: false; reason: "nothing-to-take-back" | "in-progress" | "deleted" | "gone" | "replaced" };

const was = z.object({ publicId: z.string(), type: z.string() });

interface Taken {
  at: string;
  decisions: number;
  inProgress: boolean;
  deleted: boolean;
  /** The call that published the latest approval, and the previous name of the asset. */
  method: string | null;
  was: unknown;
}

// A decision that is being carried out must finish first: the update waits for the lock of the reservation and then sees it.
const takeStatement = `
with decided as (
  select * from moderation_decision
  where asset_id = $1 and version = $2::bigint and status in ('approved', 'rejected') and taken_back_at is null
  for update
), state as (
  select count(*)::int as decisions, coalesce(bool_or(carrying_until > now()), false) as in_progress,
         coalesce(bool_or(begun_at is not null or action = 'delete' and carried_out_at is not null), false) as deleted
  from decided
), published as (
  select d.method, v.result -> 'was' as was from decided d left join deliveries v on v.id = d.delivery_id
  where d.action = 'publish' and d.carried_out_at is not null order by d.carried_out_at desc limit 1
), taken as (
  update moderation_decision m set taken_back_at = now() from state
  where m.asset_id = $1 and m.version = $2::bigint and m.status in ('approved', 'rejected') and m.taken_back_at is null
    and not state.in_progress and not state.deleted
)
select now()::text as at, decisions, in_progress as "inProgress", deleted, p.method, p.was from state left join published p on true`;

/**
 * Takes back the decisions on a version: they no longer count, published assets are restricted again, and the asset awaits a manual
 * decision. Not possible once a deletion has started. Throws `CloudinaryError`; the decisions then remain in effect.
 */
export async function takeBack(db: Db, api: CloudinaryApi, wanted: TakeBack): Promise<TakenBack> {
  const key = [wanted.assetId, wanted.version] as const;
  const { rows } = await db.query<Taken>(takeStatement, key);
  const [taken] = rows;
  if (!taken || taken.decisions === 0) return { ok: false, reason: "nothing-to-take-back" };
  if (taken.deleted) return { ok: false, reason: "deleted" };
  if (taken.inProgress) return { ok: false, reason: "in-progress" };
  let done: TakenBack | undefined;
  try {
    done = await restrictAgain(api, wanted, taken);
    return done;
  } finally {
    if (!done?.ok)
      await db.query(
        `update moderation_decision set taken_back_at = null
         where asset_id = $1 and version = $2::bigint and taken_back_at = $3::timestamptz`,
        [...key, taken.at],
      );
    else
      await db.query(
        `insert into moderation_decision (asset_id, version, kind, status, decided_at, action)
         values ($1, $2::bigint, 'manual', 'pending', now(), 'none') on conflict do nothing`,
        key,
      );
  }
}

async function restrictAgain(api: CloudinaryApi, wanted: TakeBack, taken: Taken): Promise<TakenBack> {
  const found = await api.find({ assetId: wanted.assetId });
  if (found === null) return { ok: false, reason: "gone" };
  if (found.version !== wanted.version) return { ok: false, reason: "replaced" };
  let name = assetNameOf(found);
  const before = was.safeParse(taken.was);
  if (taken.method === "rename" && before.success) {
    await api.rename(name, { ...before.data, overwrite: false });
    name = { ...name, ...before.data };
  }
  const restrict = taken.method === "explicit" || taken.method === "update";
  await api.askForModeration(name, "manual", { restrict });
  return { ok: true, publicId: name.publicId };
}
