import { jsonb } from "../database/jsonb.ts";
import type { HandlerContext, Json } from "./handler.ts";

/** Stores progress while the attempt is still running. Has no effect when another worker has claimed the delivery since. */
export async function saveProgress(
  { db, deliveryId, claimNumber }: Pick<HandlerContext, "db" | "deliveryId" | "claimNumber">,
  progress: Json,
): Promise<void> {
  await db.query(
    "update deliveries set progress = $3::jsonb where id = $1::uuid and attempts = $2::int and state = 'running'",
    [deliveryId, claimNumber, jsonb(progress)],
  );
}
