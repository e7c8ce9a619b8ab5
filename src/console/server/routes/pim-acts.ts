import { Hono } from "hono";
import * as z from "zod";
import type { CloudinaryAccount } from "../../../config.types.ts";
import { resetAsset, restoreRemoved, trustAsset } from "../../../handlers/pim/operator-acts.ts";
import { accountOfAsset } from "../../../lib/cloudinary/accounts.ts";
import { cloudinaryApi } from "../../../lib/cloudinary/api.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { planFollowUps } from "../../../lib/deliveries/follow-ups.ts";
import { backfill, backfillDryRun, isBackfillOpen, start } from "../../../lib/reconcile/backfill.ts";
import { readAsset } from "../../../lib/reconcile/read-asset.ts";
import { errorText, log } from "../../../lib/shared/log.ts";
import { settings } from "../../../settings.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, reason, valid } from "../context.ts";
import { noteAct, noteOutcome } from "../queries/note-act.ts";
import { recordedNotification } from "../queries/recorded-notification.ts";

const assetId = z.string().min(1).max(600);
const trusted = z.object({
  assetId,
  /** The version that the operator saw. */
  version: z.number().int().nonnegative(),
  reason,
});
const reset = z.object({
  assetId,
  reason,
  /** Whether to read the state of the asset from Cloudinary immediately; otherwise the next notification provides it. */
  read: z.boolean().default(true),
});

const position = z.object({ stage: z.string().max(200), cursor: z.string().max(2_000).nullable() });
const wantedBackfill = z.object({
  /** Counts only. */
  dryRun: z.boolean().default(false),
  /** Starts at the beginning, even if the last backfill was interrupted. */
  restart: z.boolean().default(false),
  /** Where a dry run continues: `position` of the previous answer. */
  position: position.optional(),
});
/** A part of the ten seconds that a function has; a page takes a second or two. */
const backfillMs = 5_000;

/** Operator actions on product pictures. */
export const pimActs = new Hono<Joined>()
  // A part of the library; the caller repeats it until `position` is null.
  .post("/pim/backfill", valid("json", wantedBackfill), async (c) => {
    const { db, config } = c.env;
    const { dryRun, restart, position: from } = c.req.valid("json");
    if (config.accounts.length === 0) return stop(409, "no-account");
    const apis = config.accounts.map((account) => cloudinaryApi(account));
    const options = { db, apis, settings, budgetMs: backfillMs };
    if (dryRun) return c.json(await backfillDryRun(options, from ?? start));
    if (restart || !(await isBackfillOpen(db)))
      await noteAct(db, { who: c.get("who"), act: "backfill", reason: undefined, detail: {} });
    const progress = await backfill(options, { restart });
    c.env.wake();
    return c.json(progress);
  })
  .post("/pim/trust", valid("json", trusted), async (c) => {
    const { db } = c.env;
    const { reason: why, ...wanted } = c.req.valid("json");
    const act = await noteAct(db, { who: c.get("who"), act: "trust", reason: why, detail: wanted });
    const done = await trustAsset(db, wanted);
    await noteOutcome(db, act, { outcome: done.ok ? "done" : done.reason });
    if (!done.ok) return stop(done.reason === "no-such-asset" ? 404 : 409, done.reason);
    await tellConnectors(c.env, { assetId: wanted.assetId }, done.skus);
    return c.json({ products: done.skus });
  })
  .post("/pim/reset", valid("json", reset), async (c) => {
    const { db, config } = c.env;
    const { reason: why, ...wanted } = c.req.valid("json");
    const cloudinary = accountOfAsset(config, wanted.assetId);
    if (wanted.read && cloudinary === null) stop(409, "no-account");
    const act = await noteAct(db, { who: c.get("who"), act: "reset", reason: why, detail: wanted });
    const products = await resetAsset(db, wanted.assetId);
    await noteOutcome(db, act, { outcome: products === null ? "no-such-asset" : "forgotten" });
    if (products === null) return stop(404, "no-such-asset");
    await tellConnectors(c.env, { assetId: wanted.assetId }, products);
    const read =
      wanted.read && cloudinary !== null ? await readNow(db, cloudinary, wanted.assetId) : "not-asked";
    await noteOutcome(db, act, { read });
    c.env.wake();
    return c.json({ read });
  })
  .post(
    "/notifications/:id/restore-removed",
    valid("param", idParam),
    valid("json", z.object({ reason })),
    async (c) => {
      const { db } = c.env;
      const { id } = c.req.valid("param");
      const notification = await recordedNotification(db, id);
      if (notification === null) return stop(404, "no-such-notification");
      const { type } = notification.content;
      if (type !== "delete" && type !== "delete_by_token") return stop(409, "not-a-delete");
      const why = c.req.valid("json").reason;
      const asked = { who: c.get("who"), act: "restore", reason: why, notificationId: id, detail: {} };
      const act = await noteAct(db, asked);
      const restored = await restoreRemoved(db, notification, settings.pim);
      if (restored === null) return stop(409, "not-a-delete");
      const { skus, ...counts } = restored;
      await noteOutcome(db, act, { outcome: "done", ...counts });
      await tellConnectors(c.env, { notificationId: id }, skus);
      return c.json({ ...counts, products: skus });
    },
  );

async function readNow(
  db: Db,
  account: CloudinaryAccount,
  assetId: string,
): Promise<"recorded" | "gone" | "failed"> {
  try {
    return await readAsset(db, cloudinaryApi(account), assetId, settings);
  } catch (error) {
    // The reset has already taken effect; the next notification provides the state.
    log("error", "reading a reset asset failed", { error: errorText(error) });
    return "failed";
  }
}

/** A product whose pictures an operator changed is pushed in the same way as after a notification. */
async function tellConnectors(
  { db, wake }: { db: Db; wake: () => void },
  about: Parameters<typeof planFollowUps>[1],
  skus: readonly string[],
): Promise<void> {
  const follow = settings.pim.connectors.flatMap((handler) => skus.map((subject) => ({ handler, subject })));
  if ((await planFollowUps(db, about, follow)) > 0) wake();
}
