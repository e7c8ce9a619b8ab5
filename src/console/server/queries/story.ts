import {
  type AssetStanding,
  assetStanding,
  type Removal,
  removalBy,
} from "../../../handlers/pim/asset-standing.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { type NotificationRecord, recordColumn, recordSchema } from "../../shared/record.ts";
import { sampleSecretName } from "../../shared/samples.ts";
import { type Act, actsOn } from "../routes/audit-log.ts";
import { type Described, describe, describedColumns, type Source } from "./describe.ts";
import { type Summary, summaries } from "./list.ts";
import { type Shown, shownOf } from "./notification-view.ts";

/** Everything about a notification except its body. */
export interface Story {
  record: NotificationRecord;
  shown: Shown;
  acts: Act[];
  /** Handlers that its type is now routed to and that have no delivery of it. */
  missing: string[];
  /** The notifications about the same asset, including this one, newest first. */
  asset: Summary[];
  /** Whether its asset is trusted; null if it has no asset, or the PIM handler does not know the asset. */
  standing: AssetStanding | null;
  /** The pictures that it removed from products; null if none. */
  removal: Removal | null;
  /** Its name, its products and its picture, as in the list. */
  described: Described;
}

const maxOfAsset = 50;

type Row = Source & { record: unknown; whole: Uint8Array; heardAt: Date };

/** null if the id is unknown. */
export async function storyOf(
  db: Db,
  id: string,
  handlersOf: (type: string) => readonly string[],
): Promise<Story | null> {
  const { rows } = await db.query<Row>(
    `select ${recordColumn}, n.body as whole, coalesce(n.signed_at, n.received_at) as "heardAt", n.type, n.public_id as "publicId",
       ${describedColumns}
     from notifications n where n.id = $1::uuid`,
    [id],
  );
  const [row] = rows;
  if (!row) return null;
  const record = recordSchema.parse(row.record);
  const planned = new Set(record.deliveries.map(({ handler }) => handler));
  const { assetId } = record;
  const [described, acts, asset, standing, removal] = await Promise.all([
    describe(db, [row]),
    actsOn(db, id),
    assetId === null ? { rows: [] } : summaries(db, { assetId, limit: maxOfAsset }),
    assetId === null ? null : assetStanding(db, assetId),
    removalBy(db, id),
  ]);
  return {
    record,
    shown: shownOf(row.whole, row.heardAt),
    described: described(0),
    acts,
    missing:
      record.erasedAt === null && record.verdict?.secretName !== sampleSecretName
        ? handlersOf(record.type).filter((handler) => !planned.has(handler))
        : [],
    asset: asset.rows,
    standing,
    removal,
  };
}
