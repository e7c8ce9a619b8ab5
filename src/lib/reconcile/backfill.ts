import type { Settings } from "../../settings.types.ts";
import { type AssetPage, type CloudinaryApi, type ResourceType, resourceType } from "../cloudinary/api.ts";
import { CloudinaryError } from "../cloudinary/errors.ts";
import type { Db } from "../database/pool.ts";
import { budget } from "./budget.ts";
import { feedProducts } from "./record-missing.ts";
import { missingUploads, uploadBody } from "./uploads.ts";

/** Where a backfill continues: the resource type, with the prefix of the cloud in front of it (asset-prefix.ts), and the page. */
export interface BackfillPosition {
  stage: string;
  cursor: string | null;
}

export interface BackfillProgress {
  /** Assets listed so far. */
  listed: number;
  /** Those of which no upload notification was recorded; they are now, unless it is a dry run. */
  recorded: number;
  adminCalls: number;
  /** null: the whole library is listed. */
  position: BackfillPosition | null;
  /** Why it is not finished. `budget`: the share of the hourly limit that is left to others is reached. */
  stopped: "time" | "budget" | "rate-limit" | null;
}

type LibraryApi = Pick<CloudinaryApi, "cloudName" | "assetPrefix" | "listLibrary">;

export interface BackfillOptions {
  db: Db;
  /** One of each cloud. */
  apis: readonly LibraryApi[];
  settings: Settings;
  /** At least one page is read. */
  budgetMs: number;
}

/** The libraries in order, each by resource type. */
const stagesOf = (apis: readonly LibraryApi[]): { name: string; type: ResourceType; api: LibraryApi }[] =>
  apis.flatMap((api) => resourceType.options.map((type) => ({ name: api.assetPrefix + type, type, api })));

export const start: BackfillPosition = { stage: "image", cursor: null };

/** Whether a backfill was interrupted, so that the next one continues it. */
export async function isBackfillOpen(db: Db): Promise<boolean> {
  const { rows } = await db.query("select from backfills where finished_at is null");
  return rows.length > 0;
}

/** Counts what a backfill would record, from this position on; writes nothing. */
export async function backfillDryRun(
  options: BackfillOptions,
  position: BackfillPosition,
): Promise<BackfillProgress> {
  return await walk(options, position, async (page, api) => {
    const missing = await missingUploads(options.db, page.resources, api.cloudName);
    return missing.length;
  });
}

/**
 * Lists the library and records an upload notification for each asset that has none, so that products are complete. Continues where
 * the last call stopped; repeating a page records nothing twice. Only the handler `pim` gets them.
 */
export async function backfill(
  options: BackfillOptions,
  { restart = false } = {},
): Promise<BackfillProgress> {
  const { db, settings } = options;
  const from = await begin(db, restart);
  const done = await walk(
    options,
    from,
    async (page, api) => {
      const missing = await missingUploads(db, page.resources, api.cloudName);
      let recorded = 0;
      // A few at a time, as many as the pool has connections.
      for (let at = 0; at < missing.length; at += 4) {
        const some = missing.slice(at, at + 4);
        const isNew = await Promise.all(
          some.map((asset) => feedProducts(db, uploadBody(asset), { settings, of: api })),
        );
        recorded += isNew.filter(Boolean).length;
      }
      return recorded;
    },
    (page, recorded, next) => keep(db, page, recorded, next),
  );
  return { ...done, ...(await totals(db)) };
}

async function walk(
  { apis, settings, budgetMs }: BackfillOptions,
  from: BackfillPosition,
  take: (page: AssetPage, api: LibraryApi) => Promise<number>,
  kept: (page: AssetPage, recorded: number, next: BackfillPosition | null) => Promise<void> = async () => {},
): Promise<BackfillProgress> {
  const stages = stagesOf(apis);
  const spending = budget({ keepShare: settings.moderation.reconcile.keepShare, budgetMs });
  const progress: BackfillProgress = { listed: 0, recorded: 0, adminCalls: 0, position: from, stopped: null };
  for (let position: BackfillPosition | null = from; position !== null; position = progress.position) {
    // One page at least, or a slow database would never get on.
    const over = progress.adminCalls === 0 ? null : spending.over();
    if (over !== null) return { ...progress, stopped: over };
    const { stage, cursor }: BackfillPosition = position;
    const at = stages.findIndex(({ name }) => name === stage);
    const current = stages[at] ?? stages[0];
    if (current === undefined) return { ...progress, position: null };
    const page = await fetched(current, at === -1 ? null : cursor);
    if (page === "rate-limit") return { ...progress, stopped: page };
    spending.spent(page);
    const recorded = await take(page, current.api);
    const next = stages[Math.max(at, 0) + 1];
    progress.position = page.next_cursor
      ? { stage: current.name, cursor: page.next_cursor }
      : next === undefined
        ? null
        : { stage: next.name, cursor: null };
    progress.listed += page.resources.length;
    progress.recorded += recorded;
    progress.adminCalls = spending.calls();
    await kept(page, recorded, progress.position);
  }
  return progress;
}

async function fetched(
  stage: { type: ResourceType; api: LibraryApi },
  cursor: string | null,
): Promise<AssetPage | "rate-limit"> {
  try {
    return await stage.api.listLibrary(stage.type, cursor);
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    if (error.isRateLimit) return "rate-limit";
    // The cursor has expired: the stage is listed again, and nothing is recorded twice.
    if (error.code === 400 && cursor !== null) return await fetched(stage, null);
    throw error;
  }
}

const beginning = `
insert into backfills (one_row) values (true)
on conflict (one_row) do update set
  started_at = case when again.yes then now() else backfills.started_at end,
  finished_at = null,
  stage = case when again.yes then 'image' else backfills.stage end,
  cursor = case when again.yes then null else backfills.cursor end,
  listed = case when again.yes then 0 else backfills.listed end,
  recorded = case when again.yes then 0 else backfills.recorded end,
  admin_calls = case when again.yes then 0 else backfills.admin_calls end
returning stage, cursor`.replaceAll("again.yes", "($1::boolean or backfills.finished_at is not null)");

async function begin(db: Db, restart: boolean): Promise<BackfillPosition> {
  const { rows } = await db.query<{ stage: string; cursor: string | null }>(beginning, [restart]);
  return rows[0] ?? start;
}

/** Written after each page, because the platform can end the function at any time. */
async function keep(db: Db, page: AssetPage, recorded: number, next: BackfillPosition | null): Promise<void> {
  await db.query(
    `update backfills set stage = coalesce($1, stage), cursor = $2, listed = listed + $3::int, recorded = recorded + $4::int,
       admin_calls = admin_calls + 1, updated_at = now(), finished_at = case when $1::text is null then now() end`,
    [next?.stage ?? null, next?.cursor ?? null, page.resources.length, recorded],
  );
}

async function totals(db: Db): Promise<Pick<BackfillProgress, "listed" | "recorded" | "adminCalls">> {
  const { rows } = await db.query<{ listed: number; recorded: number; adminCalls: number }>(
    `select listed::float8 as listed, recorded::float8 as recorded, admin_calls::float8 as "adminCalls" from backfills`,
  );
  return rows[0] ?? { listed: 0, recorded: 0, adminCalls: 0 };
}
