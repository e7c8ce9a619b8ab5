import type { CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import type { Db } from "../../lib/database/pool.ts";
import { findByIdentity } from "../../lib/reconcile/read-asset.ts";
import { errorText, log } from "../../lib/shared/log.ts";
import type { PimSettings } from "../../settings.types.ts";
import type { ModerationStatus } from "./facts.ts";
import { merge } from "./merge.ts";

/** The call that confirms approvals. */
export type ApprovalApi = Pick<CloudinaryApi, "find"> & { within(signal: AbortSignal): ApprovalApi };

/** An approval of a visitor's newest version that only notifications report. It counts for nothing. */
export interface UnconfirmedApproval {
  assetId: string;
  version: number;
  kinds: string[];
  /** What Cloudinary has: a status, `none`, `replaced` (another version) or `gone`; null if it was not asked. */
  cloudinary: string | null;
  /** Why it was not asked; it is asked later. */
  notAsked?: "no-account" | "read-limit" | "no-response";
}

interface OpenRow {
  assetId: string;
  version: number;
  kinds: string[];
  askedAt: Date | null;
  answer: string | null;
  /** What the moderation handler has confirmed of this version. */
  confirmed: { kind: string; at: string }[];
}

const open = `
select u.asset_id as "assetId", u.version::float8 as version, u.kinds, a.approval_asked_at as "askedAt", a.approval_answer as answer,
       (select coalesce(jsonb_agg(jsonb_build_object('kind', d.kind, 'at', d.decided_at)), '[]')
        from moderation_decision d
        where d.asset_id = u.asset_id and d.version = u.version and d.status = 'approved' and d.confirmed_by is not null
          and d.taken_back_at is null) as confirmed
from pim_unconfirmed_approval u
join pim_asset a on a.asset_id = u.asset_id
where u.asset_id = $1 or u.asset_id in (select s.other_id from pim_namesake s where s.asset_id = $1)
order by u.version desc limit 1`;

async function openApproval(db: Db, assetId: string): Promise<OpenRow | null> {
  const { rows } = await db.query<OpenRow>(open, [assetId]);
  return rows[0] ?? null;
}

function unconfirmed({ assetId, version, kinds, answer }: OpenRow): UnconfirmedApproval {
  return { assetId, version, kinds, cloudinary: answer };
}

/** The unconfirmed approval of the asset, or of a row that may be the same asset; null if there is none. */
export async function unconfirmedApproval(db: Db, assetId: string): Promise<UnconfirmedApproval | null> {
  const row = await openApproval(db, assetId);
  return row && unconfirmed(row);
}

export interface ConfirmOptions {
  /** null if no account is configured. */
  api: ApprovalApi | null;
  settings: PimSettings;
  /** The notification brings a decision, so that Cloudinary may answer differently than before. */
  bringsDecision: boolean;
}

/**
 * Confirms the approval of a visitor's newest version, because a notification of it can be forged: by what the moderation handler has
 * confirmed, or else by one Admin API call within the hourly limit. Returns the approval if it stays unconfirmed.
 */
export async function confirmApproval(
  db: Db,
  assetId: string,
  options: ConfirmOptions,
): Promise<UnconfirmedApproval | null> {
  let row = await openApproval(db, assetId);
  if (row !== null && row.confirmed.length > 0) {
    const { version } = row;
    await store(
      db,
      row.assetId,
      row.confirmed.map((one) => ({ ...one, version, status: "approved", isConfirmed: true })),
    );
    row = await openApproval(db, assetId);
  }
  if (row === null) return null;
  if (row.askedAt !== null && !options.bringsDecision) return unconfirmed(row);
  const asked = await ask(db, row, options);
  if ("notAsked" in asked) return { ...unconfirmed(row), notAsked: asked.notAsked };
  const approvals = approvalsOf(asked.found);
  if (approvals.length === 0) return unconfirmed({ ...row, answer: answerOf(asked.found, row) });
  await store(db, row.assetId, approvals);
  return await unconfirmedApproval(db, assetId);
}

async function ask(
  db: Db,
  row: OpenRow,
  { api, settings }: ConfirmOptions,
): Promise<{ found: FoundAsset | null } | Required<Pick<UnconfirmedApproval, "notAsked">>> {
  if (api === null) return { notAsked: "no-account" };
  if (!(await takeRead(db, settings.approvalReadsPerHour))) return { notAsked: "read-limit" };
  try {
    const found = await findByIdentity(api, row.assetId);
    await db.query(answered, [row.assetId, answerOf(found, row)]);
    return { found };
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    log("warn", "an approval was not confirmed; the sweep asks again", { error: errorText(error) });
    return { notAsked: "no-response" };
  }
}

const answered = `
update pim_asset set approval_asked_at = now(), approval_asks = approval_asks + 1, approval_answer = $2 where asset_id = $1`;

// One statement, so that concurrent deliveries cannot exceed the limit.
const read = `
update pim_approval_reads set hour = date_trunc('hour', now()),
  reads = case when hour = date_trunc('hour', now()) then reads + 1 else 1 end
where $1::int > 0 and (hour <> date_trunc('hour', now()) or reads < $1::int)
returning reads`;

async function takeRead(db: Db, limit: number): Promise<boolean> {
  const { rows } = await db.query(read, [limit]);
  return rows.length > 0;
}

/** The approvals that Cloudinary has, for the version that it has. */
function approvalsOf(found: FoundAsset | null): ModerationStatus[] {
  if (found === null) return [];
  const said = kindsOf(found);
  const approved = said.filter(({ status }) => status === "approved");
  const isAll = approved.length > 0 && approved.length === said.length;
  const latest = approved.reduce((time, { at }) => Math.max(time, at), 0);
  return [...approved, ...(isAll ? [{ kind: "summary", at: latest }] : [])].map(({ kind, at }) => ({
    kind,
    version: found.version,
    status: "approved",
    at: new Date(at).toISOString(),
    isConfirmed: true,
  }));
}

/** What Cloudinary has instead of the approval. */
export function answerOf(
  found: FoundAsset | null,
  { version, kinds }: Pick<OpenRow, "version" | "kinds">,
): string {
  if (found === null) return "gone";
  if (found.version !== version) return "replaced";
  const said = new Map(kindsOf(found).map(({ kind, status }) => [kind, status]));
  const statuses = kinds.map((kind) => said.get(kind) ?? "none");
  return statuses.find((status) => status !== "approved") ?? "approved";
}

function kindsOf({ moderation }: FoundAsset) {
  const said = (moderation ?? []).map(({ kind, status, updated_at }) => {
    const at = Date.parse(updated_at ?? "");
    // Without a time, it is true now.
    return { kind: kind.split(":", 1)[0] ?? kind, status, at: Number.isNaN(at) ? Date.now() : at };
  });
  return [...new Map(said.map((one) => [one.kind, one])).values()].filter(({ kind }) => kind !== "summary");
}

async function store(db: Db, assetId: string, moderation: ModerationStatus[]): Promise<void> {
  if (moderation.length === 0) return;
  await merge(db, {
    asset: { asset_id: assetId },
    moderation,
    receivedAt: new Date(),
  });
}
