import { createHash } from "node:crypto";
import { jsonb } from "../../lib/database/jsonb.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { Handler, HandlerContext, Json, Settlement } from "../../lib/deliveries/handler.ts";
import { pauseItself } from "../../lib/deliveries/pause.ts";
import { property } from "../../lib/shared/json.ts";
import { currentProduct, type ProductFile, type ProductImage } from "./products.ts";

/** The current state of a product. Has no pictures when the last one was removed. */
export interface Push {
  sku: string;
  images: ProductImage[];
  /** What is not a picture: documents, audio, 3D models, raw files. */
  files: ProductFile[];
  /** Stays the same across retries of the same content; newer content gets another id. */
  messageId: string;
  /** By the database's clock. Of two pushes for a product, the one with the later time is newer. */
  readAt: Date;
  /** The receiver's own database. */
  db: Db;
  signal: AbortSignal;
}

export type PushOutcome =
  /** `detail` is shown with the delivery's result. */
  | { kind: "accepted"; detail?: { [key: string]: Json } }
  /** The target does not have the product. Not retried; its assets are listed as unmapped until a push is accepted. */
  | { kind: "unknown-sku" }
  | { kind: "try-again"; error: string; afterMs?: number }
  | { kind: "refused"; error: string }
  /** The target no longer accepts pushes: the connector is paused until an operator resumes it. */
  | { kind: "gone"; reason: string };

/**
 * A handler that pushes products to another system. One delivery is due for each changed SKU, for any number of changes, and pushes
 * the current state of the product, so `push` needs no history.
 */
export function connector(name: string, push: (product: Push) => Promise<PushOutcome>): Handler {
  return {
    name,
    async handle(_notification, context) {
      const { subject, db, signal } = context;
      if (subject === null) return { kind: "skip", reason: "no-product" };
      const sku = subject.normalize("NFC");
      const { images, files, readAt } = await currentProduct(db, sku);
      // Without files, the digest is the one that earlier versions computed.
      const content = digest({ sku, images, ...(files.length > 0 && { files }) });
      const first = firstContent(context, content);
      const messageId = first === content ? context.deliveryId : `${context.deliveryId}.${content}`;
      const outcome = await push({ sku, images, files, messageId, readAt, db, signal });
      await remember(name, sku, outcome, context);
      return settlementOf(outcome, { sku, images: images.length, message: messageId }, { first });
    },
  };
}

/**
 * The content of the first attempt: it alone is sent under the delivery's own id, so that a target that accepted it, but whose
 * answer was lost, recognises the repeat, and never takes newer content for one. Null when the first attempt left no trace.
 */
function firstContent({ attempt, progress }: HandlerContext, content: string): string | null {
  const first = property(progress, "first");
  if (first === undefined) return attempt === 1 ? content : null;
  return typeof first === "string" ? first : null;
}

function digest(content: object): string {
  return createHash("sha256").update(jsonb(content)).digest("hex").slice(0, 16);
}

const rememberUnknown = `
insert into pim_unknown_sku (sku, handler) values ($1, $2)
on conflict (sku, handler) do update set at = now()`;
const forgetUnknown = "delete from pim_unknown_sku where sku = $1 and handler = $2";

async function remember(
  name: string,
  sku: string,
  outcome: PushOutcome,
  { db }: HandlerContext,
): Promise<void> {
  if (outcome.kind === "accepted") await db.query(forgetUnknown, [sku, name]);
  if (outcome.kind === "unknown-sku") await db.query(rememberUnknown, [sku, name]);
  if (outcome.kind === "gone") await pauseItself(db, name, outcome.reason);
}

function settlementOf(
  outcome: PushOutcome,
  result: { [key: string]: Json },
  progress: { [key: string]: Json },
): Settlement {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "done", result: { ...result, ...outcome.detail } };
    case "unknown-sku":
      return { kind: "skip", reason: "unknown-sku", result };
    case "try-again": {
      const { error, afterMs } = outcome;
      return { kind: "retry", error, progress, ...(afterMs !== undefined && { afterMs }) };
    }
    case "refused":
      return { kind: "give-up", error: outcome.error, progress };
    case "gone":
      return { kind: "wait", until: new Date(), progress };
    default:
      return outcome satisfies never;
  }
}
