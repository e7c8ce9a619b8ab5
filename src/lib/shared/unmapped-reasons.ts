/** Why an asset has no product, in the order in which the console offers them. */
export const unmappedReasons = [
  "no-sku",
  "sku-conflict",
  "sku-list",
  "unknown-sku",
  "untrusted",
  "approval-not-confirmed",
  "not-approved",
  "no-picture",
] as const;
export type UnmappedReason = (typeof unmappedReasons)[number];
