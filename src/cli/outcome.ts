import { z } from "zod";
import type { Delivery } from "../console/shared/record.ts";
import { own } from "../lib/shared/own.ts";

const mailResult = z.object({ accepted: z.array(z.string()).min(1) });
const assetReport = z.object({
  state: z.string().optional(),
  sku: z.string().nullish(),
  products: z.array(z.string()).optional(),
  pictures: z.number().optional(),
  outcome: z.string().optional(),
  /** `reset`: an operator reset the asset after the notification was received. */
  was: z
    .union([z.object({ sku: z.string().nullish(), pictures: z.number().optional() }), z.literal("reset")])
    .nullish(),
});
const productResult = z.object({ assets: z.array(assetReport).min(1), more: z.number().default(0) });
type AssetReport = z.infer<typeof assetReport>;
const decisionResult = z.object({
  action: z.string(),
  method: z.string().optional(),
  publicId: z.string().optional(),
});

/** Why a delivery was skipped; other reasons are printed as they are. */
const skipped: Readonly<Record<string, string>> = {
  "no-recipients": "no recipients are configured (TO_RECIPIENTS)",
  "not-wanted": "the settings turn off messages about this event",
  "nothing-to-report": "nothing to report",
  preview: "nothing is posted from a preview",
  "no-decision": "the notification contains no decision",
  "not-about-products": "this type does not change products",
  "nothing-to-do": "the settings define no action for this decision",
  "not-restricted": "the asset is already public",
  "carried-out": "this decision was already carried out",
  gone: "the asset no longer exists",
  undecided: "other moderations are pending",
};

/** Why a delivery was skipped, in words. */
export const skipReason = (reason: string): string => {
  const words = own(skipped, reason);
  return words === undefined ? reason : `${words} (${reason})`;
};

/** The pictures of a product, of all its assets. */
export interface ProductChange {
  sku: string;
  before: number;
  after: number;
}

/**
 * What a finished delivery did, in words: "VASE-1 has 1 picture (0 before)". A result counts the pictures of its asset only; `product`
 * has those of the whole product. null if there are no words for the result.
 */
export function outcomeOf(
  { handler, result }: Pick<Delivery, "handler" | "result">,
  product: ProductChange | null = null,
): string | null {
  if (handler === "email") return mailOutcome(result);
  if (handler === "chat") return chatOutcome(result);
  if (handler === "pim") return productOutcome(result, product);
  return handler === "moderation" ? decisionOutcome(result) : null;
}

function mailOutcome(result: unknown): string | null {
  const parsed = mailResult.safeParse(result);
  if (!parsed.success) return null;
  const { accepted } = parsed.data;
  return `${count(accepted.length, "mail")} to ${listed(accepted)}`;
}

function chatOutcome(result: unknown): string | null {
  const parsed = mailResult.safeParse(result);
  return parsed.success ? `posted to ${listed(parsed.data.accepted)}` : null;
}

function productOutcome(result: unknown, product: ProductChange | null): string | null {
  const parsed = productResult.safeParse(result);
  if (!parsed.success) return null;
  const lines = parsed.data.assets.map((asset) => describeAsset(asset, product));
  const known = lines.filter((line) => line !== null);
  return known.length < lines.length ? null : listed(known, "; ", parsed.data.more);
}

function describeAsset(
  { sku, products, pictures, was, state }: AssetReport,
  product: ProductChange | null,
): string | null {
  const skus = products ?? (typeof sku === "string" ? [sku] : []);
  if (pictures === undefined) return null;
  const [only] = skus;
  if (only === undefined) return `the asset is on no product${state === undefined ? "" : ` (${state})`}`;
  if (skus.length === 1 && only === product?.sku)
    return `${only} has ${count(product.after, "picture")} (${product.before} before)`;
  const before = was === "reset" ? undefined : was == null ? 0 : was.sku === only ? was.pictures : undefined;
  return `${listed(skus)} ${skus.length === 1 ? "has" : "have"} ${count(pictures, "picture")} of this asset${before === undefined ? "" : ` (${before} before)`}`;
}

function decisionOutcome(result: unknown): string | null {
  const parsed = decisionResult.safeParse(result);
  if (!parsed.success) return null;
  const { action, method, publicId = "the asset" } = parsed.data;
  switch (action) {
    case "publish":
      return method === "already" ? `${publicId} was already public` : `${publicId} is now public`;
    case "delete":
      return method === "already" ? `${publicId} was already deleted` : `${publicId} is deleted`;
    case "notify":
      return "an e-mail is queued";
    default:
      return null;
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

/** The first three, and how many more. */
function listed(items: readonly string[], separator = ", ", more = 0): string {
  const shown = items.slice(0, 3);
  const rest = items.length - shown.length + more;
  return shown.join(separator) + (rest > 0 ? `${separator}and ${rest} more` : "");
}
