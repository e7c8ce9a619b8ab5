import { former, paths, patterns } from "./paths.ts";

/** The script of each view, which is loaded when the view is first needed. */
export const views = {
  inbox: async () => (await import("./views/inbox/inbox.tsx")).Inbox,
  record: async () => (await import("./views/record/record.tsx")).RecordView,
  attention: async () => (await import("./views/attention/attention.tsx")).Attention,
  board: async () => (await import("./views/board/board.tsx")).Board,
  products: async () => (await import("./views/products.tsx")).Products,
  product: async () => (await import("./views/product.tsx")).Product,
  faces: async () => (await import("./views/faces/faces.tsx")).Faces,
  messages: async () => (await import("./views/messages.tsx")).Messages,
  message: async () => (await import("./views/message.tsx")).Message,
  refusals: async () => (await import("./views/refusals.tsx")).Refusals,
  health: async () => (await import("./views/health.tsx")).Health,
  try: async () => (await import("./views/try-it.tsx")).TryIt,
  acts: async () => (await import("./views/audit-log.tsx")).Acts,
};

export type ViewName = keyof typeof views;

const addresses: ReadonlyMap<string, ViewName> = new Map([
  [paths.inbox, "inbox"],
  [patterns.record, "record"],
  [paths.attention, "attention"],
  [former.held, "attention"],
  [former.dead, "attention"],
  [paths.board, "board"],
  [paths.products, "products"],
  [patterns.product, "product"],
  [paths.faces, "faces"],
  [paths.messages, "messages"],
  [former.mails, "messages"],
  [patterns.message, "message"],
  [former.mail, "message"],
  [paths.refusals, "refusals"],
  [paths.health, "health"],
  [paths.try, "try"],
  [paths.acts, "acts"],
] as const);

/** The view at the path of an address; null for an unknown one. */
export function viewAt(path: string): { name: ViewName; id: string } | null {
  const whole = addresses.get(path);
  if (whole !== undefined) return { name: whole, id: "" };
  const [, folder = "", id = ""] = /^(.*\/)([^/]+)$/.exec(path) ?? [];
  const name = addresses.get(`${folder}:id`);
  return name === undefined ? null : { name, id };
}
