import type { Settings } from "../../settings.types.ts";
import type { AssetPage, CloudinaryApi, ModerationQueue } from "../cloudinary/api.ts";
import { CloudinaryError } from "../cloudinary/errors.ts";
import type { Db } from "../database/pool.ts";
import { errorText, log } from "../shared/log.ts";
import { type Budget, budget } from "./budget.ts";
import { decisionBody, decisionsOf, missingDecisions } from "./decisions.ts";
import { keepPosition, keepResult, type Position, readPosition } from "./position.ts";
import { feed, tellSummary } from "./record-missing.ts";
import { hearsOfUploads, missingUploads, uploadBody, uploadedBetween } from "./uploads.ts";

export interface ReconcileOptions {
  db: Db;
  api: Pick<CloudinaryApi, "cloudName" | "assetPrefix" | "listByModeration" | "searchUploads">;
  settings: Settings;
  now: Date;
  /** The time limit of a run; the platform ends the function later. */
  budgetMs: number;
  /** Overrides the receiver's first start. */
  since?: Date;
}

export interface Reconciled {
  /** The number of missing notifications, which are now recorded and planned. */
  missed: { decisions: number; uploads: number };
  adminCalls: number;
  /** Why the run is incomplete; the next run continues where this one stopped. `failed`: Cloudinary rejected some calls. */
  stopped: "budget" | "time" | "rate-limit" | "failed" | null;
}

/** Compares the data at Cloudinary with the recorded notifications, and records missing ones in the same way as received ones. */
export async function reconcile(options: ReconcileOptions): Promise<Reconciled> {
  const { db, settings, now } = options;
  const position = await readPosition(db, options.api.assetPrefix);
  const run: Run = {
    ...options,
    position,
    budget: budget({ keepShare: settings.moderation.reconcile.keepShare, budgetMs: options.budgetMs }),
    window: {
      from: options.since ?? position.firstStart,
      to: new Date(now.getTime() - settings.moderation.reconcile.minAgeMs),
    },
    missed: { decisions: [], uploads: [] },
  };
  const stopped = await allStages(run);
  const missed = { decisions: run.missed.decisions.length, uploads: run.missed.uploads.length };
  if (missed.decisions + missed.uploads > 0)
    await tellSummary(db, { at: now, missed: { ...run.missed } }, { settings, of: options.api });
  await keepResult(db, options.api.assetPrefix, missed.decisions + missed.uploads);
  const reconciled = { missed, adminCalls: run.budget.calls(), stopped };
  log(missed.decisions + missed.uploads > 0 ? "warn" : "info", "reconciled", {
    cloud: options.api.cloudName,
    missedDecisions: missed.decisions,
    missedUploads: missed.uploads,
    adminCalls: reconciled.adminCalls,
    stopped,
  });
  return reconciled;
}

interface Run extends ReconcileOptions {
  position: Position;
  budget: Budget;
  window: { from: Date; to: Date };
  /** The names of assets with missing notifications. */
  missed: { decisions: string[]; uploads: string[] };
}

interface Stage {
  name: string;
  fetch(cursor: string | null): Promise<AssetPage>;
  /** Records the missing notifications of a page; returns the time up to which uploads were searched. */
  compare(page: AssetPage): Promise<Date | null>;
}

const uploadsStage = "uploads";

/** Each stage once, starting with the one at which the last run stopped. */
async function allStages(run: Run): Promise<Reconciled["stopped"]> {
  const stages = await stagesOf(run);
  const first = Math.max(
    0,
    stages.findIndex(({ name }) => name === run.position.stage),
  );
  // For uploads, the end of the searched period is stored instead of the cursor, because each run has a different search.
  const cursorOf = ({ name }: Stage) =>
    name === run.position.stage && name !== uploadsStage ? run.position.cursor : null;
  let failed: "failed" | null = null;
  for (const stage of [...stages.slice(first), ...stages.slice(0, first)]) {
    const stopped = await pages(run, stage, cursorOf(stage));
    if (stopped === "failed")
      failed = stopped; // A stage that always fails must not block the others.
    else if (stopped) return stopped;
  }
  await keepPosition(run.db, run.api.assetPrefix, { stage: null, cursor: null });
  return failed;
}

async function pages(run: Run, stage: Stage, resumeAt: string | null): Promise<Reconciled["stopped"]> {
  for (let cursor = resumeAt; ; ) {
    const over = run.budget.over();
    const page = over ?? (await fetched(stage, cursor));
    if (page === "bad-request" && cursor !== null && cursor === resumeAt) {
      return await pages(run, stage, null); // The cursor is six hours old and may have expired.
    }
    if (typeof page === "string") {
      await keepPosition(run.db, run.api.assetPrefix, { stage: stage.name, cursor });
      return page === "bad-request" ? "failed" : page;
    }
    run.budget.spent(page);
    const uploadsUntil = await stage.compare(page);
    cursor = page.next_cursor ?? null;
    await keepPosition(run.db, run.api.assetPrefix, { stage: stage.name, cursor, uploadsUntil });
    if (cursor === null) return null;
  }
}

async function fetched(
  stage: Stage,
  cursor: string | null,
): Promise<AssetPage | "bad-request" | "rate-limit" | "failed"> {
  try {
    return await stage.fetch(cursor);
  } catch (error) {
    if (!(error instanceof CloudinaryError)) throw error;
    if (error.isRateLimit) return "rate-limit";
    log("error", "reconcile: Cloudinary did not respond", { stage: stage.name, error: errorText(error) });
    return error.code === 400 ? "bad-request" : "failed";
  }
}

async function stagesOf(run: Run): Promise<Stage[]> {
  const { queues, uploads } = run.settings.moderation.reconcile;
  const statuses = ["approved", "rejected"] as const;
  const decided = queues.flatMap((queue) =>
    statuses.map((status) => decisionStage(run, { ...queue, status })),
  );
  return uploads && (await hearsOfUploads(run.db, run.api.assetPrefix))
    ? [...decided, uploadStage(run)]
    : decided;
}

function decisionStage(run: Run, queue: ModerationQueue): Stage {
  const { db, api, settings, window } = run;
  return {
    name: `${queue.kind}/${queue.resourceType}/${queue.status}`,
    fetch: (cursor) => api.listByModeration(queue, cursor),
    async compare({ resources }) {
      const listed = decisionsOf(resources, { queue, assetPrefix: api.assetPrefix }, window);
      for (const decision of await missingDecisions(db, listed, { queue, settings, of: api })) {
        const isNew = await feed(db, decisionBody(decision, queue), { settings, of: api });
        if (isNew) run.missed.decisions.push(decision.asset.public_id);
      }
      return null;
    },
  };
}

function uploadStage(run: Run): Stage {
  const { db, api, settings, position } = run;
  const from = run.since ?? position.uploadsUntil ?? run.window.from;
  const { to } = run.window;
  return {
    name: uploadsStage,
    fetch: (cursor) => api.searchUploads(uploadedBetween({ from, to }), cursor),
    async compare({ resources, next_cursor }) {
      for (const asset of await missingUploads(db, resources, api.cloudName)) {
        const isNew = await feed(db, uploadBody(asset), { settings, of: api });
        if (isNew) run.missed.uploads.push(asset.public_id);
      }
      const last = new Date(resources.at(-1)?.uploaded_at ?? "");
      if (next_cursor) return Number.isNaN(last.getTime()) ? null : last;
      return to;
    },
  };
}
