/**
 * The page's addresses, each with its rule in netlify.toml. All but the first are at or below /console, so that none looks like a hook's:
 * a notification sent to a page's address would be answered with 200 and lost.
 */
export const paths = {
  inbox: "/",
  record: (id: string) => `/console/notifications/${id}`,
  /** Everything about one asset. */
  ofAsset: (assetId: string) => `/?assetId=${encodeURIComponent(assetId)}`,
  attention: "/console/attention",
  board: "/console/moderation",
  /** Decisions that need an operator, with their pictures. */
  heldPictures: "/console/moderation?show=held",
  products: "/console/products",
  /** An SKU may contain a slash, so it is a query parameter. */
  product: (sku: string) => `/console/product?sku=${encodeURIComponent(sku)}`,
  faces: "/console/people",
  messages: "/console/messages",
  message: (id: string) => `/console/messages/${id}`,
  refusals: "/console/refusals",
  health: "/console/health",
  try: "/console/try",
  acts: "/console/log",
} as const;

/** The addresses of views of a single record. */
export const patterns = {
  record: "/console/notifications/:id",
  product: "/console/product",
  message: "/console/messages/:id",
} as const;

/** Addresses of before, which lead to the present ones. */
export const former = {
  held: "/console/held",
  dead: "/console/dead-letters",
  mails: "/console/mails",
  mail: "/console/mails/:id",
} as const;
