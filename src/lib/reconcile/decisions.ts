import type { Settings } from "../../settings.types.ts";
import type { CloudinaryApi, FoundAsset, ModerationQueue } from "../cloudinary/api.ts";
import { jsonb } from "../database/jsonb.ts";
import type { Db } from "../database/pool.ts";
import { parse } from "../notifications/parse.ts";
import { withPrefix } from "../shared/asset-prefix.ts";
import { ceiling } from "../shared/ceiling.ts";

/** A decision recorded at Cloudinary. */
export interface ListedDecision {
  asset: FoundAsset;
  identity: string;
  decidedAt: Date;
}

/** The decisions on one page that lie between the two times. */
export function decisionsOf(
  assets: readonly FoundAsset[],
  { queue, assetPrefix }: { queue: ModerationQueue; assetPrefix: string },
  between: { from: Date; to: Date },
): ListedDecision[] {
  return assets.flatMap((asset) => {
    const entry = asset.moderation?.find(
      ({ kind, status }) => kind.split(":", 1)[0] === queue.kind && status === queue.status,
    );
    // A decision without a time is not older than its asset.
    const decidedAt = new Date(entry?.updated_at ?? asset.uploaded_at ?? asset.created_at ?? "");
    if (!(decidedAt >= between.from && decidedAt <= between.to)) return [];
    const identity =
      asset.asset_id ?? withPrefix(assetPrefix, `${asset.resource_type}/${asset.type}/${asset.public_id}`);
    return { asset, identity, decidedAt };
  });
}

// Candidates: the ledger has no final decision of this kind for this version, or only an earlier opposite one, or an earlier equal one
// that had no effect or was a dry run.
// `bodies`: notifications about this version that are queued or on hold.
const statement = `
select i.n, open.bodies, open."heardAt"
from jsonb_to_recordset($1::jsonb) as i (n int, identity text, asset_id text, version bigint, decided_at timestamptz)
left join lateral (
  select d.status, d.decided_at, d.action from moderation_decision d
  where d.asset_id = i.identity and d.version = i.version and d.kind = $2 and d.status in ('approved', 'rejected')
    and d.unconfirmed_at is null
  order by d.decided_at desc limit 1) latest on true
left join lateral (
  select array_agg(n.body) as bodies, array_agg(coalesce(n.signed_at, n.received_at)) as "heardAt"
  from notifications n join deliveries d on d.notification_id = n.id
  where n.asset_id = i.asset_id and n.version = i.version and n.type in ('moderation', 'moderation_summary', 'upload')
    and d.handler = 'moderation' and d.state in ('due', 'running', 'held', 'dead')
    and (d.state, d.last_error) is distinct from ('held', 'not-confirmed')
    and coalesce(n.cloud, $5) = $5) open on true
where latest.status is null
   or latest.status <> $3 and latest.decided_at < i.decided_at
   or latest.status = $3 and latest.decided_at < i.decided_at and latest.action = 'none'
   or latest.status = $3 and latest.action like 'would-%' and not $4::boolean
order by i.n`;

interface Candidate {
  n: number;
  bodies: Uint8Array[] | null;
  heardAt: Date[] | null;
}

/** The decisions for which no notification arrived. One statement for each page. */
export async function missingDecisions(
  db: Db,
  listed: readonly ListedDecision[],
  about: { queue: ModerationQueue; settings: Settings; of: Pick<CloudinaryApi, "cloudName"> },
): Promise<ListedDecision[]> {
  if (listed.length === 0) return [];
  const asked = listed.map(({ asset, identity, decidedAt }, n) => ({
    n,
    identity,
    asset_id: asset.asset_id,
    version: asset.version,
    decided_at: decidedAt,
  }));
  const { rows } = await db.query<Candidate>(statement, [
    jsonb(asked),
    about.queue.kind,
    about.queue.status,
    about.settings.moderation.dryRun,
    about.of.cloudName,
  ]);
  return rows.flatMap((candidate) => {
    const decision = listed[candidate.n];
    return decision && !isOpen(candidate, decision, about) ? [decision] : [];
  });
}

/** Whether this decision, or a later equal one, is already queued or on hold. */
function isOpen(
  { bodies, heardAt }: Candidate,
  decision: ListedDecision,
  { queue: { kind, status }, settings }: { queue: ModerationQueue; settings: Settings },
): boolean {
  return (bodies ?? []).some((body, at) => {
    const since = heardAt?.[at];
    const parsed = parse(body, since ? ceiling(since, settings) : null);
    if (!parsed.ok || !("decisions" in parsed.notification)) return false;
    const { decisions, occurredAt = since } = parsed.notification;
    return decisions.some((said) => {
      const saidAt = said.at ?? occurredAt;
      return (
        said.kind === kind && said.status === status && saidAt !== undefined && saidAt >= decision.decidedAt
      );
    });
  });
}

/** The missing notification. Its body is the same on every run, so that it is recorded once. */
export function decisionBody({ asset, decidedAt }: ListedDecision, queue: ModerationQueue) {
  return {
    notification_type: "moderation",
    moderation_kind: queue.kind,
    moderation_status: queue.status,
    moderation_updated_at: decidedAt.toISOString(),
    asset_id: asset.asset_id,
    public_id: asset.public_id,
    version: asset.version,
    resource_type: asset.resource_type,
    type: asset.type,
    secure_url: asset.secure_url,
  };
}
