import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { pathToFileURL } from "node:url";
import { pim } from "../../src/handlers/pim/handler.ts";
import { findProduct, listProducts } from "../../src/handlers/pim/products.ts";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { parse } from "../../src/lib/notifications/parse.ts";
import { settings } from "../../src/settings.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure, median } from "./figure.ts";
import { benchServer } from "./server.ts";

const few = 1_000;
const many = 100_000;
const perRound = 5;
const atMost = 1.3;

export interface Shop {
  db: Db;
  assets: number;
}

/** What a product costs to list and a notification to apply with 100,000 assets on three products each, against the same with 1,000. */
export async function benchPim(rounds = 20): Promise<Figure[]> {
  const server = await benchServer();
  const other = await createMigratedDatabase(server.url, "bench_few");
  const shops = { ours: shopAt(server.url, many), theirs: shopAt(other, few) };
  try {
    for (const shop of Object.values(shops)) await fillShop(shop);
    const figures: Figure[] = [];
    for (const [name, act] of Object.entries(acts)) {
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(act, shops.ours), theirs: () => millisecondsOf(act, shops.theirs) },
        3,
      );
      const against = `${few.toLocaleString("en")} assets`;
      figures.push(compare({ name, against, unit: "ms", ...times, aim: { atMost } }));
    }
    return figures;
  } finally {
    for (const { db } of Object.values(shops)) await db.close();
    await new Promise((resolve) => setTimeout(resolve, 200)); // Sessions end a little after their clients.
    await server.stop();
  }
}

const acts: Record<string, (shop: Shop) => Promise<unknown>> = {
  "pim: apply an eager to a known asset": (shop) => apply(shop, eager(anyAsset(shop), nextVersion())),
  "pim: apply an upload of a new asset": (shop) =>
    apply(shop, upload(randomBytes(16).toString("hex"), nextVersion())),
  "pim: one product": ({ db, assets }) => findProduct(db, `SKU-${numberOf(randomInt(assets))}`),
  "pim: a page of products": ({ db, assets }) =>
    listProducts(db, { after: `SKU-${numberOf(randomInt(assets))}`, limit: 50 }),
};

async function millisecondsOf(act: (shop: Shop) => Promise<unknown>, shop: Shop): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < perRound; n += 1) {
    const start = performance.now();
    await act(shop);
    times.push(performance.now() - start);
  }
  return median(times);
}

function shopAt(url: string, assets: number): Shop {
  return { db: database({ url, max: 2, timeoutMs: 300_000 }), assets };
}

const handler = pim();
let version = 1_750_000_000;
const nextVersion = () => ++version;

async function apply({ db }: Shop, body: object): Promise<void> {
  const parsed = parse(Buffer.from(JSON.stringify(body)), null);
  if (!parsed.ok) throw new Error("the body does not parse");
  const at = new Date();
  const end = await handler.handle(
    {
      id: randomUUID(),
      receivedAt: at,
      signedAt: at,
      source: "webhook",
      cloud: null,
      byPublicHook: false,
      content: parsed.notification,
    },
    {
      deliveryId: randomUUID(),
      subject: null,
      attempt: 1,
      claimNumber: 1,
      progress: null,
      settings,
      db,
      signal: AbortSignal.timeout(30_000),
      markSending: async () => true,
    },
  );
  if (end.kind !== "done") throw new Error(`the notification ended in ${end.kind}`);
}

/** Every number has the same length, so that it can stand for the model asset's. */
const numberOf = (n: number) => String(1_000_000 + n);
const idOf = (n: number) => numberOf(n).padStart(32, "a");
const model = "7777777";
const anyAsset = ({ assets }: Shop) => randomInt(assets);

/** One asset goes the usual way; the others are copies of its rows with other numbers. */
export async function fillShop(shop: Shop): Promise<void> {
  const { db, assets } = shop;
  await apply(shop, upload(idOf(6_777_777), version));
  await apply(shop, eager(6_777_777, version));
  for (const table of ["pim_asset", "pim_asset_names", "pim_claim", "pim_rendition"]) {
    const { rows } = await db.query<{ name: string; type: string }>(
      `select attname as name, format_type(atttypid, null) as type from pg_attribute
       where attrelid = $1::regclass and attnum > 0 and not attisdropped order by attnum`,
      [table],
    );
    const values = rows.map(({ name, type }) =>
      /^text/.test(type) ? `replace(m.${name}::text, '${model}', n::text)::${type}` : `m.${name}`,
    );
    await db.query(
      `insert into ${table} select ${values.join(", ")}
       from ${table} m, generate_series(1000000, 1000000 + $1::int - 1) n where m.asset_id like '%${model}'`,
      [assets],
    );
  }
  // What filling leaves to be done is done now, not beside what is measured.
  await db.query("vacuum analyze");
  await db.query("checkpoint");
}

function upload(assetId: string, version: number) {
  const number = assetId.slice(-7);
  return {
    notification_type: "upload",
    asset_id: assetId,
    public_id: `products/SKU-${number}/main`,
    version,
    resource_type: "image",
    type: "upload",
    format: "jpg",
    width: 800,
    height: 600,
    bytes: 48_211,
    tags: ["spring"],
    metadata: { sku: [`SKU-${number}`, `SET-${number}`, `MOOD-${number}`] },
    secure_url: `https://res.cloudinary.com/demo/image/upload/v${version}/products/SKU-${number}/main.jpg`,
    notification_context: { triggered_at: new Date(version * 1_000).toISOString() },
  };
}

function eager(n: number, version: number) {
  const publicId = `products/SKU-${numberOf(n)}/main`;
  return {
    notification_type: "eager",
    asset_id: idOf(n),
    public_id: publicId,
    batch_id: randomBytes(32).toString("hex"),
    eager: [
      {
        transformation: "c_fill,h_100,w_100",
        width: 100,
        height: 100,
        bytes: 900,
        format: "jpg",
        secure_url: `https://res.cloudinary.com/demo/image/upload/c_fill,h_100,w_100/v${version}/${publicId}.jpg`,
      },
    ],
    notification_context: { triggered_at: new Date(version * 1_000).toISOString() },
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ours, theirs, ratio } of await benchPim())
    console.log(
      `${name}: ${ours.toFixed(2)} ms with ${many} assets, ${theirs.toFixed(2)} ms with ${few}, ${ratio.toFixed(2)} times (at most ${atMost})`,
    );
}
