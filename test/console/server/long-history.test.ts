import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { processVariables, readConfig } from "../../../src/config.ts";
import { app } from "../../../src/console/server/app.ts";
import { readPictureless } from "../../../src/handlers/pim/read-pictureless.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { countDrift } from "../../../src/lib/drift/count-drift.ts";
import { addNewToSearch, addOldToSearch } from "../../../src/lib/search/add-to-search.ts";
import { settings } from "../../../src/settings.ts";
import { seed } from "../../bench/seed.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { pageCounter } from "../../support/pages.ts";
import { apiRequest } from "../operator.ts";
import { adaToken, operatorToken } from "../tokens.ts";

// `npm run bench -- --only console` measures the same with 1,000,000.
const [few, many] = [1_000, 15_000];
let databases: { few: TestDatabase; many: TestDatabase };

beforeAll(async () => {
  databases = { few: await realDatabase(), many: await realDatabase() };
  await seed({ url: databases.few.url, count: few });
  await seed({ url: databases.many.url, count: many });
  // Catalogues without a product for each asset would be the exception.
  for (const [database, assets] of [
    [databases.few, few],
    [databases.many, many],
  ] as const) {
    await database.db.query(
      `with a as (
         insert into pim_asset (asset_id, public_id) select 'asset-' || n, 'products/' || n || '/main' from generate_series(1, $1::int) n returning asset_id),
       pictures as (
         insert into pim_rendition (asset_id, name, secure_url) select asset_id, '', 'https://res.cloudinary.com/demo/image/upload/' || asset_id from a)
       insert into pim_claim (asset_id, field, source, value, at) select asset_id, 'sku', 'metadata', 'SKU-' || asset_id, now() from a`,
      [assets / 4],
    );
    await database.db.query("vacuum analyze");
  }
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await databases.few.drop();
  await databases.many.drop();
});

async function pagesOf(path: string, { url, db }: TestDatabase): Promise<number> {
  configured(url, { OPERATOR_TOKEN: operatorToken });
  const reading = readConfig(settings, "production");
  if (!reading.ok) throw new Error(reading.problems.join("; "));
  const counter = pageCounter(db);
  const response = await app.fetch(apiRequest(path, { token: adaToken }), {
    config: reading.config,
    variables: processVariables(),
    db: counter.db,
    address: "",
    wake: () => {},
  });
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  return counter.take();
}

it.each([
  ["the numbers beside the views", "/api/counts"],
  ["health", "/api/health"],
  ["metrics", "/api/metrics"],
  ["messages in a state that none has", "/api/mails?state=skipped"],
  ["messages before a time", "/api/mails?until=30d"],
  ["the audit log", "/api/acts"],
  ["the audit log before a time", "/api/acts?until=6h"],
  ["the actions of nobody", "/api/acts?actor=nobody"],
  ["decisions of a kind that none has", "/api/moderation?show=decided&kind=webpurify"],
  ["people and pictures of somebody unknown", "/api/faces?q=nobody"],
  ["a product that does not exist", "/api/products?search=nowhere"],
])("%s cost the same with a long history", async (_name, path) => {
  await pagesOf(path, databases.many); // What a look leaves behind for the next one.
  const pages = { few: await pagesOf(path, databases.few), many: await pagesOf(path, databases.many) };
  // Trees are one level deeper, and what is on one page in a short history is on several in a long one.
  expect(pages.many).toBeLessThan(2.5 * pages.few + 150);
});

it.each([
  [
    "what the search does not have yet",
    "select",
    async (db: Db) => {
      const options = { settings, skusOf: () => new Map(), budgetMs: 10_000 };
      return (await addNewToSearch(db, options)) + (await addOldToSearch(db, options));
    },
  ],
  [
    "what has not been looked at for drift",
    "update drift_progress set (at, id) = (select received_at, id from notifications order by received_at desc, id desc limit 1)",
    (db: Db) => countDrift(db, { settings, budgetMs: 10_000 }),
  ],
  [
    "assets without a picture, to read them from Cloudinary",
    "select",
    (db: Db) =>
      readPictureless(db, { cloudName: "demo", assetPrefix: "", findAll: async () => [] }, settings),
  ],
])("looking for %s costs the same with a long history", async (_what, upToDate, look) => {
  const pages = async ({ db }: TestDatabase) => {
    await db.query(upToDate);
    const counter = pageCounter(db);
    expect(await look(counter.db)).toBe(0);
    return counter.take();
  };
  expect(await pages(databases.many)).toBeLessThanOrEqual((await pages(databases.few)) + 4);
});
