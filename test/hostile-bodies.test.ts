import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import deliverBackground from "../netlify/functions/deliver-background.ts";
import { sendNudge } from "../src/lib/deliveries/nudge.ts";
import { realDatabase, type TestDatabase } from "./support/databases.ts";
import { arrive, deliveriesOf } from "./support/deliveries.ts";
import { configured } from "./support/environment.ts";
import { invoke } from "./support/invoke.ts";
import { testSecret } from "./support/signed-request.ts";
import { type Site, site } from "./support/site.ts";

// From the signed request through the hook and the worker to the rows, as in production.

let database: TestDatabase;
let here: Site;
beforeAll(async () => {
  database = await realDatabase();
  here = await site();
});
afterAll(async () => {
  await here.close();
  await database.drop();
});
beforeEach(() => {
  configured(database.url);
  for (const name of ["log", "warn", "error"] as const)
    vi.spyOn(console, name).mockImplementation(() => undefined);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function work(): Promise<void> {
  await sendNudge(here.origin, [{ name: "CLOUDINARY_URL", value: testSecret, expiresAt: null }]);
  const headers = { "x-nudge": here.requests.at(-1)?.headers["x-nudge"] ?? "" };
  const url = new URL("/.netlify/functions/deliver-background", here.origin);
  const answer = await invoke(deliverBackground, new Request(url, { method: "POST", headers }));
  expect(answer.status).toBe(200);
}

describe("a type that is also the name of something every object inherits", () => {
  it.each([
    "constructor",
    "toString",
    "hasOwnProperty",
    "valueOf",
    "__proto__",
    "__defineGetter__",
    "__lookupSetter__",
  ])("%s is recorded, and no handler gets it", async (name) => {
    const body = `{"notification_type": ${JSON.stringify(name)}, "request_id": "${crypto.randomUUID()}"}`;
    const id = await arrive(JSON.parse(body), here.origin);
    const { rows } = await database.db.query("select type from notifications where id = $1", [id]);
    expect(rows).toEqual([{ type: name }]);
    expect(await deliveriesOf(database.db, id)).toEqual([]);
    await work();
    expect(await deliveriesOf(database.db, id)).toEqual([]);
  });
});
