import type { AssetName, CloudinaryApi } from "../../lib/cloudinary/api.ts";
import { resourceType } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { Db } from "../../lib/database/pool.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import { redact } from "../../lib/shared/redact.ts";
import type { FacesSettings } from "../../settings.types.ts";
import { namesIn } from "./purpose.ts";
import type { Rekognition } from "./rekognition.ts";
import { releasePeople } from "./trainings.ts";

interface Removal {
  id: number;
  kind: "face" | "user" | "tag";
  userId: string | null;
  faceId: string | null;
  externalId: string | null;
  assetId: string | null;
  publicId: string | null;
  resourceType: string | null;
  deliveryType: string | null;
  tag: string | null;
}

// Claimed for two minutes. Tags first: they are what people see.
const claiming = `
update face_removals set due_at = now() + interval '2 minutes', tries = tries + 1
where id = (
  select id from face_removals where due_at <= now() order by kind = 'tag' desc, kind = 'face' desc, due_at, id limit 1 for update skip locked)
returning id::float8 as id, kind, user_id as "userId", face_id as "faceId", external_id as "externalId", asset_id as "assetId", public_id as "publicId",
  resource_type as "resourceType", delivery_type as "deliveryType", tag`;

const finishing = `
with gone as (delete from face_removals where id = $1::bigint returning forgetting_id, kind)
update face_forgettings f set
  counts = f.counts || jsonb_build_object(g.kind || 's', coalesce((f.counts->>(g.kind || 's'))::int, 0) + 1),
  finished_at = case when exists (select from face_removals r where r.forgetting_id = f.id and r.id <> $1::bigint) then null else now() end
from gone g where f.id = g.forgetting_id`;

// From half a minute to six hours.
const failing = `
update face_removals set last_error = $2, due_at = now() + least(interval '6 hours', interval '30 seconds' * power(2, least(tries, 12)))
where id = $1::bigint`;

/** Removes what is queued at Rekognition and Cloudinary, until nothing is due or the time is up. Every removal can be repeated. */
export async function carryOutRemovals(
  db: Db,
  {
    aws,
    of,
    settings,
    endsAt,
  }: {
    aws: Rekognition;
    /** The client of an asset's cloud. */
    of(assetId: string): { api: CloudinaryApi };
    settings: FacesSettings;
    endsAt: number;
  },
): Promise<number> {
  await releasePeople(db);
  let removed = 0;
  while (Date.now() < endsAt) {
    const { rows } = await db.query<Removal>(claiming);
    const [removal] = rows;
    if (!removal) break;
    const signal = AbortSignal.timeout(30_000);
    try {
      await carryOut(removal, { aws: aws.within(signal), of, signal, settings });
      await db.query(finishing, [removal.id]);
      removed += 1;
    } catch (error) {
      const reason = redact(errorText(error)).slice(0, 500);
      log("warn", "a face, person or tag could not be removed yet", { kind: removal.kind, error: reason });
      await db.query(failing, [removal.id, reason]);
    }
  }
  return removed;
}

async function carryOut(
  removal: Removal,
  {
    aws,
    of,
    signal,
    settings,
  }: {
    aws: Rekognition;
    of(assetId: string): { api: CloudinaryApi };
    signal: AbortSignal;
    settings: FacesSettings;
  },
): Promise<void> {
  switch (removal.kind) {
    case "face": {
      // Without an id, the answer that had it was lost, or the call was never made.
      const { faceId, externalId, userId } = removal;
      const found = faceId ?? (externalId === null ? null : (await aws.findFace(externalId))?.faceId);
      if (found) await aws.removeFace(found, userId);
      return;
    }
    case "user":
      if (removal.userId !== null) await aws.removeUser(removal.userId);
      return;
    case "tag":
      if (removal.assetId !== null)
        await removeTag(removal, { api: of(removal.assetId).api.within(signal), settings });
      return;
    default:
      return removal.kind satisfies never;
  }
}

/** Removes a tag from the asset, whatever its name is by now, and however the tag is spelled there. */
async function removeTag(
  { assetId, publicId, resourceType: kind, deliveryType: type, tag }: Removal,
  { api, settings }: { api: CloudinaryApi; settings: FacesSettings },
): Promise<void> {
  if (assetId === null || publicId === null || type === null || tag === null) return;
  const recorded = { publicId, resourceType: resourceType.parse(kind), type };
  const current = await currentTags(assetId, recorded, api);
  if (current === null) return; // The asset is gone.
  const names = namesIn([tag], settings);
  const isSpelling = (one: string) => namesIn([one], settings).some((name) => names.includes(name));
  try {
    await api.removeTags(current.name, [...new Set([tag, ...current.tags.filter(isSpelling)])]);
  } catch (error) {
    if (!(error instanceof CloudinaryError && error.isNotFound)) throw error; // It went in between.
  }
}

async function currentTags(
  assetId: string,
  name: AssetName,
  api: CloudinaryApi,
): Promise<{ name: AssetName; tags: readonly string[] } | null> {
  const seen = await api.look(name);
  // Its name may be another asset's by now.
  if (seen?.asset_id === assetId && seen.tags) return { name, tags: seen.tags };
  const found = await api.find({ assetId });
  return found && { name: assetNameOf(found), tags: found.tags ?? [] };
}

/** When the next removal, or the next picture of a rerun, can be worked on; null if there is none. */
export async function nextFaceWork(db: Db): Promise<Date | null> {
  const { rows } = await db.query<{ at: Date | null }>(
    `select least(
       (select min(due_at) from face_removals),
       (select min(greatest(rerun_at, coalesce(lease_until, rerun_at))) from face_pictures where rerun_at is not null),
       (select min(due_at) from deliveries where handler = 'faces:rekognition' and state = 'due'
          and handler not in (select handler from paused_handlers)),
       (select min(lease_until) from deliveries where handler = 'faces:rekognition' and state = 'running')
     ) as at`,
  );
  return rows[0]?.at ?? null;
}
