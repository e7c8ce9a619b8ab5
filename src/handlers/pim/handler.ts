import { perCloud } from "../../lib/cloudinary/accounts.ts";
import { belongsToAccount, deliveryUrls } from "../../lib/cloudinary/belongs-to-account.ts";
import type { Db } from "../../lib/database/pool.ts";
import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type {
  Follow,
  Handler,
  HandlerContext,
  Json,
  RecordedNotification,
  Settlement,
} from "../../lib/deliveries/handler.ts";
import { stopwatch } from "../../lib/shared/stopwatch.ts";
import type { PimSettings } from "../../settings.types.ts";
import { type Change, changesOf } from "./changes.ts";
import { type ApprovalApi, confirmApproval, type UnconfirmedApproval } from "./confirm-approval.ts";
import {
  failRendition,
  mapAsset,
  type PreviousState,
  putRendition,
  removeAsset,
  renameAsset,
  reportedProducts,
} from "./operations.ts";
import { PatternInvalid } from "./pattern.ts";
import { addReport, fromJson, type Progress, toJson } from "./progress.ts";
import { withTheirIds } from "./resolve-asset-ids.ts";
import { type AssetState, assetState, signPictures } from "./state.ts";

/** After this time, a delivery about many assets yields to others and continues later. */
const sliceMs = 4_000;

export interface PimOptions {
  /** Used to sign the URLs of renamed assets again. */
  apiSecret?: string | null;
  /** Only assets of this cloud are assigned to products; null if the cloud is unknown. */
  ownCloud?: string | null;
  /** Confirms approvals of visitors' uploads; null without an account, and then an operator approves them. */
  api?: ApprovalApi | null;
}

export const pimHandler = defineHandler({
  name: "pim",
  connect: ({ config, apiOf }) =>
    perCloud(config, ({ account, cloudName }) =>
      pim({ apiSecret: account?.apiSecret ?? null, ownCloud: cloudName, api: apiOf(cloudName) }),
    ),
});

/** Keeps the pictures of products up to date. */
export function pim({ apiSecret = null, ownCloud = null, api = null }: PimOptions = {}): Handler {
  const secrets = apiSecret === null ? [] : [apiSecret];
  return {
    name: "pim",
    async handle(notification, context) {
      const own = { cloudName: ownCloud, hosts: context.settings.moderation.ownHosts };
      const urls = deliveryUrls(notification.content);
      if (!belongsToAccount({ cloud: notification.cloud, urls }, own))
        return { kind: "skip", reason: "other-cloud" };
      try {
        return await apply(notification, context, { secrets, api: api?.within(context.signal) ?? null });
      } catch (error) {
        if (error instanceof PatternInvalid) return { kind: "give-up", error: error.message };
        throw error;
      }
    },
  };
}

async function apply(
  notification: RecordedNotification,
  { db, settings, progress, signal }: HandlerContext,
  account: Account,
): Promise<Settlement> {
  const changes = changesOf(notification, settings.pim);
  if (changes === null) return { kind: "skip", reason: "not-about-products" };
  const elapsedMs = stopwatch();
  const done = fromJson(progress);
  for (const change of changes.slice(done.changes)) {
    for (const resolved of await withTheirIds(db, change)) {
      const { was, ...outcome } = await carryOut(db, resolved, notification);
      const state = await readState(db, resolved, settings.pim, account);
      addReport(
        done,
        { asset: resolved.facts.assetId, change: resolved.kind, ...outcome, was, ...state.report },
        state.skus,
      );
    }
    done.changes += 1;
    const more = done.changes < changes.length;
    if (more && (signal.aborted || elapsedMs() > sliceMs))
      return { kind: "wait", until: new Date(), progress: toJson(done) };
  }
  return settlement(done, settings.pim);
}

/** The outcome of a change, and the previous state of the asset (`was`). */
async function carryOut(
  db: Db,
  change: Change,
  { id: notificationId }: RecordedNotification,
): Promise<Record<string, Json> & { was: PreviousState }> {
  switch (change.kind) {
    case "put": {
      const { rendition } = change;
      const put = await putRendition(db, change.facts, rendition);
      return { rendition: rendition.name, version: rendition.version, ...put };
    }
    case "fail": {
      const was = await failRendition(db, change.facts, change.failed);
      return { rendition: change.failed.name, outcome: "failed", failure: change.failed.failure, was };
    }
    case "remove":
      return {
        version: change.version,
        was: await removeAsset(db, change.facts, { ...change, notificationId }),
      };
    case "rename":
      return { to: change.facts.publicId.value, was: await renameAsset(db, change.facts) };
    case "map":
      return { was: await mapAsset(db, change.facts) };
    default:
      return change satisfies never;
  }
}

interface Account {
  secrets: readonly string[];
  api: ApprovalApi | null;
}

async function readState(
  db: Db,
  { facts: { assetId, moderation = [] } }: Change,
  settings: PimSettings,
  { secrets, api }: Account,
) {
  let state = await assetState(db, assetId, settings);
  if (state === null) return { skus: [], report: {} };
  let unconfirmed: UnconfirmedApproval | null = null;
  if (state.isUntrusted) {
    const bringsDecision = moderation.length > 0;
    unconfirmed = await confirmApproval(db, assetId, { api, settings, bringsDecision });
    state = (await assetState(db, assetId, settings)) ?? state;
  }
  const unsigned = await signPictures(db, assetId, state, secrets);
  return { skus: state.skus, report: reportOf(state, unsigned, unconfirmed) };
}

function reportOf(
  { state, products, pictures }: AssetState,
  unsigned: readonly string[],
  unconfirmed: UnconfirmedApproval | null,
): Record<string, Json> {
  return {
    state,
    ...reportedProducts(products),
    pictures,
    ...(unsigned.length > 0 && { unsigned: [...unsigned] }),
    ...(unconfirmed && { unconfirmedApproval: { ...unconfirmed } }),
  };
}

function settlement(done: Progress, { connectors }: PimSettings): Settlement {
  const follow: Follow[] = connectors.flatMap((handler) =>
    [...done.skus].map((subject) => ({ handler, subject })),
  );
  const result: Json = { assets: done.reports, ...(done.more > 0 && { more: done.more }) };
  const all = done.reports.length + done.more;
  if (all === 0 || done.conflicts + done.lists < all) return { kind: "done", result, follow };
  // A product may have lost a picture, so connector deliveries are still queued.
  return { kind: "skip", reason: done.lists > 0 ? "sku-list" : "sku-conflict", result, follow };
}
