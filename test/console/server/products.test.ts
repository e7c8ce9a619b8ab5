import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { ask } from "../operator.ts";
import { adaToken } from "../tokens.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
  configured(database.url, { OPERATOR_TOKEN: `ada:${adaToken}` });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

it("products are also served under /api/pim, after sign-in only", async () => {
  expect(await (await ask("/api/pim/products")).json()).toEqual({ products: [], next: null });
  expect(await (await ask("/api/pim/unmapped")).json()).toEqual({ assets: [], next: null });
  expect((await ask("/api/pim/products/no%2Fsuch")).status).toBe(404);
  expect((await ask("/api/pim/products", { token: null })).status).toBe(401);
});
