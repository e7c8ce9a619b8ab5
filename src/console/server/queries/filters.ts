import * as z from "zod";
import { maxQueryLength } from "../../shared/search-query.ts";

export const deliveryStates = ["due", "running", "done", "skipped", "held", "dead"] as const;
export type DeliveryState = (typeof deliveryStates)[number];

const text = z.string().trim().min(1).max(500);
const instant = z.iso.datetime({ offset: true });

/** The search filters of notifications. All given filters must match. */
export const filters = {
  /** Words and filters, as in `type:upload chair`: see src/console/shared/search-query.ts. */
  q: z.string().trim().max(maxQueryLength).optional(),
  type: text.optional(),
  /** A prefix of the public id of any asset in the body. */
  publicId: text.optional(),
  assetId: text.optional(),
  requestId: text.optional(),
  /** At least one delivery has this state. */
  state: z.enum(deliveryStates).optional(),
  handler: text.optional(),
  /** The product environment of the signature. */
  cloud: text.optional(),
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
