import * as z from "zod";
import { type Sql, sql, type ToParam } from "../../../lib/database/sql.ts";

export const deliveryStates = ["due", "running", "done", "skipped", "held", "dead"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const text = z.string().trim().min(1).max(500);
const instant = z.iso.datetime({ offset: true });

/** The search filters of notifications. All given filters must match. */
export const filters = {
  type: text.optional(),
  /** A prefix of the public id of any asset in the body. */
  publicId: text.optional(),
  assetId: text.optional(),
  requestId: text.optional(),
  /** At least one delivery has this state. */
  state: z.enum(deliveryStates).optional(),
  handler: text.optional(),
  since: instant.optional(),
  until: instant.optional(),
};

export type Filters = z.output<z.ZodObject<typeof filters>>;

/** The position of a row in the list: `received_at` in microseconds, and the id. */
export const cursor = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  .refine((text) => !Number.isNaN(Date.parse(text.split("_")[0] ?? "")));

export const cursorColumn = `to_char(n.received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || n.id`;

type Wanted = Filters & { before?: string | undefined };

/**
 * The ids of a page, newest first. A search for assets combines two queries, one on the notification's own columns and one on the listed
 * assets, so that each uses its index; an `or` would use none.
 */
export function pageOfIds(wanted: Wanted, limit: number): Sql {
  return sql((param) => {
    const common = conditions(wanted, param);
    const size = `${param(limit)}::int`;
    const page = (more: readonly string[]) =>
      `(select n.id, n.received_at from notifications n where ${[...more, ...common, "true"].join(" and ")}
        order by n.received_at desc, n.id desc limit ${size})`;
    const asset = assetConditions(wanted, param);
    if (asset.length === 0) return page([]);
    const listed = asset.map((condition) => `a.${condition}`).join(" and ");
    return `(${page(asset.map((condition) => `n.${condition}`))}
      union ${page([`n.id in (select a.notification_id from notification_asset a where ${listed})`])}
      order by received_at desc, id desc limit ${size})`;
  });
}

function assetConditions({ assetId, publicId }: Wanted, param: ToParam): string[] {
  const all: string[] = [];
  if (assetId !== undefined) all.push(`asset_id = ${param(assetId)}`);
  if (publicId !== undefined) all.push(`public_id like ${param(`${publicId.replace(/[\\%_]/g, "\\$&")}%`)}`);
  return all;
}

/** All conditions of the filter on `notifications n`, of which at least one is there. */
export function conditionsOf(wanted: Wanted, param: ToParam): string[] {
  const asset = assetConditions(wanted, param).map((condition) => [`n.${condition}`, `a.${condition}`]);
  const own = asset.map(([condition]) => condition).join(" and ");
  const listed = asset.map(([, condition]) => condition).join(" and ");
  const ofAsset =
    asset.length === 0
      ? []
      : [`((${own}) or n.id in (select a.notification_id from notification_asset a where ${listed}))`];
  return [...ofAsset, ...conditions(wanted, param), "true"];
}

function conditions(wanted: Wanted, param: ToParam): string[] {
  const all: string[] = [];
  if (wanted.type !== undefined) all.push(`n.type = ${param(wanted.type)}`);
  if (wanted.requestId !== undefined) all.push(`n.request_id = ${param(wanted.requestId)}`);
  if (wanted.since !== undefined) all.push(`n.received_at >= ${param(wanted.since)}::timestamptz`);
  if (wanted.until !== undefined) all.push(`n.received_at < ${param(wanted.until)}::timestamptz`);
  if (wanted.before !== undefined) {
    const [at = "", id = ""] = wanted.before.split("_");
    all.push(`(n.received_at, n.id) < (${param(at)}::timestamptz, ${param(id)}::uuid)`);
  }
  const delivery = deliveryCondition(wanted, param);
  if (delivery !== null) all.push(delivery);
  return all;
}

function deliveryCondition({ state, handler }: Wanted, param: ToParam): string | null {
  if (state === undefined && handler === undefined) return null;
  const all = ["d.notification_id = n.id"];
  if (state !== undefined) all.push(`d.state = ${param(state)}`);
  if (handler !== undefined) all.push(`d.handler = ${param(handler)}`);
  return `exists (select from deliveries d where ${all.join(" and ")})`;
}
