import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { type Site, site } from "../../support/site.ts";
import { assetBodies } from "./bodies.ts";

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  [database, here] = await Promise.all([realDatabase(), site()]);
  configured(database.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([here.close(), database.drop()]);
});

const apiSecret = "harness-secret-kkkkkkkkkkkk";
const version = 1_790_000_000;

// The signatures before are reported ones; those after are SHA-1 of the text beside them and the secret, made with openssl.
it.each([
  {
    what: "unescaped, as by the Ruby gem",
    transformation: "c_fill,w_400",
    from: {
      id: "products/PR-7/plain 1",
      url: "s--3pnTj_P6--/c_fill,w_400/v1790000000/products/PR-7/plain%201.jpg",
    },
    // c_fill,w_400/products/PR-7/plain 2.jpg
    to: {
      id: "products/PR-7/plain 2",
      url: "s--9gXhlhlH--/c_fill,w_400/v1790000000/products/PR-7/plain%202.jpg",
    },
  },
  {
    what: "with a named transformation that has a space, as by the npm package",
    transformation: "t_primary@2x jpg",
    from: { id: "products/PR-4/a", url: "s--81lQFHQZ--/t_primary@2x%20jpg/v1790000000/products/PR-4/a.jpg" },
    // t_primary@2x jpg/products/PR-4/b.jpg
    to: { id: "products/PR-4/b", url: "s--8tIE-98b--/t_primary@2x%20jpg/v1790000000/products/PR-4/b.jpg" },
  },
])("a picture that is signed $what is shown under its new name", async ({ transformation, from, to }) => {
  const address = (url: string) => `https://res.cloudinary.com/demo/image/authenticated/${url}`;
  const asset = assetBodies(from.id, { type: "authenticated" });
  const eager = [{ transformation, format: "jpg", secure_url: address(from.url) }];
  for (const body of [
    asset.upload(version),
    asset.eager(version, [], { eager }),
    asset.rename(to.id, version + 100),
  ]) {
    await arrive(body, here.origin);
    await deliver({
      db: database.db,
      handlers: [pim({ apiSecret })],
      settings,
      budgetMs: 60_000,
      handlerTimeoutMs: 15_000,
      secondLookMs: 0,
    });
  }
  const { rows } = await database.db.query(
    "select public_id, secure_url, stale from pim_product_image where asset_id = $1",
    [asset.id],
  );
  expect(rows).toEqual([{ public_id: to.id, secure_url: address(to.url), stale: false }]);
});
