import { z } from "zod";
import { type Record as NotificationRecord, recordSchema } from "../../console/record.ts";

const delivery = z.object({
  id: z.string(),
  handler: z.string(),
  state: z.string(),
  attempts: z.number(),
});

const row = z.object({
  id: z.string(),
  type: z.string(),
  publicId: z.string().nullable(),
  assetId: z.string().nullable(),
  unexpectedFor: z.string().nullable(),
  deliveries: z.array(delivery),
});
/** A recorded notification as the console lists it. */
export type Row = z.infer<typeof row>;

const picture = z.object({ url: z.string(), kind: z.string(), label: z.string() });
const shown = z.object({
  triggeredBy: z.string().nullable(),
  pictures: z.array(picture),
  links: z.array(z.object({ label: z.string(), url: z.string() })),
});
/** A notification as its page in the console has it. */
export type Arrived = NotificationRecord & { shown: z.infer<typeof shown> };

const image = z.object({
  rendition: z.string(),
  secureUrl: z.string(),
  publicId: z.string().nullable(),
  version: z.number(),
});
export type ProductImage = z.infer<typeof image>;

const card = z.object({
  assetId: z.string(),
  version: z.number(),
  kind: z.string(),
  status: z.string(),
  action: z.string(),
  carriedOutAt: z.string().nullable(),
});
export type Card = z.infer<typeof card>;

const refusal = z.object({
  reason: z.string(),
  count: z.number(),
  lastAt: z.string(),
  samples: z.array(z.object({ at: z.string(), path: z.string(), userAgent: z.string() })),
});

/** Under `netlify dev` each call reloads its function, and the local Cloudinary has four on their way already. */
const atOnce = 2;

export type Receiver = ReturnType<typeof receiverApi>;

/** The API behind the console page, as far as the demo looks at it. */
export function receiverApi({ url, token, signal }: { url: string; token: string; signal: AbortSignal }) {
  const turn = turns(atOnce);

  async function ask(path: string, body?: object): Promise<Response> {
    return await turn(() =>
      fetch(`${url}/api${path}`, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        signal: AbortSignal.any([signal, AbortSignal.timeout(60_000)]),
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      }),
    );
  }

  async function read<T>(schema: z.ZodType<T>, path: string, body?: object): Promise<T> {
    const response = await ask(path, body);
    if (!response.ok)
      throw new Error(`/api${path.split("?")[0]} answered ${response.status}: ${await response.text()}`);
    return schema.parse(await response.json());
  }

  return {
    /** What came in since then, newest first. */
    async since(at: Date): Promise<Row[]> {
      const query = `limit=200&since=${encodeURIComponent(at.toISOString())}`;
      return (await read(z.object({ notifications: z.array(row) }), `/notifications?${query}`)).notifications;
    },
    async notification(id: string): Promise<Arrived> {
      const story = await read(z.object({ record: recordSchema, shown }), `/notifications/${id}/story`);
      return { ...story.record, shown: story.shown };
    },
    /** What a product shows; nothing when there is no such product. */
    async product(sku: string): Promise<ProductImage[]> {
      const response = await ask(`/products/${encodeURIComponent(sku)}`);
      if (response.status === 404) return [];
      return z.object({ images: z.array(image) }).parse(await response.json()).images;
    },
    async board(show: "pending" | "decided" | "held"): Promise<Card[]> {
      return (await read(z.object({ cards: z.array(card) }), `/moderation?show=${show}&limit=200`)).cards;
    },
    decide: (wanted: { assetId: string; version: number; status: "approved" | "rejected" }) =>
      read(z.object({ ok: z.literal(true) }), "/moderation/decide", {
        ...wanted,
        reason: "played by the demo",
      }),
    release: (deliveryId: string) =>
      read(z.object({ replayed: z.number() }), `/deliveries/${deliveryId}/replay`, {
        reason: "played by the demo",
      }),
    async refusals() {
      return (await read(z.object({ refusals: z.array(refusal) }), "/refusals")).refusals;
    },
  };
}

/** Lets so many run at once; the others wait for their turn. */
function turns(most: number) {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
