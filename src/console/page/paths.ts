/**
 * The page's addresses, each with its rule in netlify.toml. All but the first are below /console, so that none looks like a hook's:
 * a notification sent to a page's address would be answered with 200 and lost.
 */
export const paths = {
  inbox: "/",
  record: (id: string) => `/console/notifications/${id}`,
  board: "/console/moderation",
  /** Decisions that need an operator, with their pictures. */
  heldPictures: "/console/moderation?show=held",
  products: "/console/products",
  /** An SKU may contain a slash, so it is a query parameter. */
  product: (sku: string) => `/console/product?sku=${encodeURIComponent(sku)}`,
  faces: "/console/people",
  mails: "/console/mails",
  mail: (id: string) => `/console/mails/${id}`,
  held: "/console/held",
  dead: "/console/dead-letters",
  refusals: "/console/refusals",
  health: "/console/health",
  acts: "/console/log",
};

/** The addresses of views of a single record. */
export const patterns = {
  record: "/console/notifications/:id",
  product: "/console/product",
  mail: "/console/mails/:id",
} as const;
