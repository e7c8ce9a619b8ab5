import type { CloudinaryAccount } from "../../src/config.types.ts";
import type { Db } from "../../src/lib/database/pool.ts";
import { deliver } from "../../src/lib/deliveries/deliver.ts";
import type { LocalCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import { settings } from "../../src/settings.ts";
import { hexId } from "./bodies.ts";

/** From now on the local Cloudinary sends every notification to `uri`. */
export function sendEverythingTo(uri: string, cloudinary: LocalCloudinary): void {
  cloudinary.cloud.store.state.triggers.push({
    id: hexId(),
    uri_type: "webhook",
    uri,
    event_type: "all",
    additive: true,
    auth_scheme: "legacy_hmac",
    created_at: "2025-10-09T08:00:00Z",
    updated_at: "2025-10-09T08:00:00Z",
  });
}

/** Delivers to the moderation handler, whose calls cause further notifications, until nothing is left. */
export async function carryOutDecisions(
  db: Db,
  account: CloudinaryAccount,
  cloudinary: LocalCloudinary,
): Promise<void> {
  // The SDK reads its environment when it is loaded, which the caller sets first.
  const { moderation } = await import("../../src/handlers/moderation/handler.ts");
  await cloudinary.idle();
  await deliver({
    db,
    handlers: [moderation(account)],
    settings,
    budgetMs: 60_000,
    handlerTimeoutMs: 10_000,
    secondLookMs: 0,
  });
  await cloudinary.idle();
}
