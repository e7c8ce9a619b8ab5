import type { Db } from "../../../lib/database/pool.ts";
import type { RecordedNotification } from "../../../lib/deliveries/handler.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings } from "../../../settings.ts";

type Row = Omit<RecordedNotification, "content"> & { body: Uint8Array; assetPrefix: string };

/** A notification as passed to handlers. null if the id is unknown, or the body does not match its schema. */
export async function recordedNotification(db: Db, id: string): Promise<RecordedNotification | null> {
  const { rows } = await db.query<Row>(
    `select id, received_at as "receivedAt", signed_at as "signedAt", source, cloud, by_public_hook as "byPublicHook",
            asset_prefix as "assetPrefix", body
     from notifications where id = $1::uuid`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { body, assetPrefix, ...recorded } = row;
  const parsed = parse(body, ceiling(row.signedAt ?? row.receivedAt, settings), assetPrefix);
  return parsed.ok ? { ...recorded, content: parsed.notification } : null;
}
