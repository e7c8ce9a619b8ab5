import type { Db } from "../../lib/database/pool.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import { redact } from "../../lib/shared/redact.ts";
import type { FacesSettings } from "../../settings.types.ts";
import { RekognitionError } from "./rekognition-error.ts";
import { bringUpToDate, type Clients, currentAsset } from "./work.ts";

export interface RerunProgress {
  /** The pictures that this request added. */
  asked: number;
  /** The pictures that are still to be looked at. */
  left: number;
  /** All pictures in which people were looked for. */
  pictures: number;
  /** The faces in the pictures that are left: each is one search at Rekognition, and each picture one more call. */
  faces: number;
}

const counting = `
select (select count(*)::int from face_pictures where rerun_at is not null) as left,
       (select count(*)::int from face_pictures) as pictures,
       (select coalesce(sum(jsonb_array_length(faces)), 0)::int from face_pictures where rerun_at is not null) as faces`;

/** Asks for another look at up to `limit` pictures, those first that were looked at longest ago. 0: only counts. */
export async function requestRerun(db: Db, limit: number): Promise<RerunProgress> {
  const { rowCount: asked } = await db.query(
    // Beside `in`, the planner may look for the pictures again for each row, and take others that are not locked yet.
    `with picked as (
       select asset_id from face_pictures where rerun_at is null and state <> 'pending' order by looked_at, asset_id limit $1::int
       for update skip locked)
     update face_pictures f set rerun_at = now(), rerun_tries = 0 from picked where f.asset_id = picked.asset_id`,
    [limit],
  );
  const { rows } = await db.query<Omit<RerunProgress, "asked">>(counting);
  return { asked, ...(rows[0] ?? { left: 0, pictures: 0, faces: 0 }) };
}

const leasing = `
update face_pictures set lease_until = now() + interval '2 minutes', rerun_tries = rerun_tries + 1
where asset_id = (
  select asset_id from face_pictures where rerun_at <= now() and coalesce(lease_until <= now(), true)
  order by rerun_at, asset_id limit 1 for update skip locked)
returning asset_id as "assetId", rerun_tries as tries`;

const failing = `
update face_pictures set lease_until = null, rerun_at = case when $2::int >= 6 then null
  else now() + interval '30 seconds' * power(2, $2::int) end
where asset_id = $1`;

/** Looks at the pictures of a rerun, until none is left or the time is up. Stops early when Rekognition asks for fewer calls. */
export async function continueRerun(
  db: Db,
  clients: Clients,
  { settings, endsAt }: { settings: FacesSettings; endsAt: number },
): Promise<number> {
  let looked = 0;
  while (Date.now() < endsAt) {
    const { rows } = await db.query<{ assetId: string; tries: number }>(leasing);
    const [next] = rows;
    if (!next) break;
    const signal = AbortSignal.timeout(90_000);
    try {
      const { account, api } = clients.of(next.assetId);
      const aws = clients.aws.within(signal);
      const work = { db, signal, settings, account, api: api.within(signal), aws };
      await bringUpToDate(next.assetId, await currentAsset(next.assetId, null, work), work, true);
      looked += 1;
    } catch (error) {
      log("warn", "a picture could not be looked at again yet", {
        assetId: next.assetId,
        error: redact(errorText(error)),
      });
      await db.query(failing, [next.assetId, next.tries]);
      if (error instanceof RekognitionError && error.isThrottling) break;
    }
  }
  return looked;
}
