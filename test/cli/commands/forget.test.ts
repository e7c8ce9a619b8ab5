import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { empty } from "../../support/databases.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { commandSite, given, token } from "../command-site.ts";

let site: Awaited<ReturnType<typeof commandSite>>;
beforeAll(async () => {
  site = await commandSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  await site.idle();
  await empty(site.database.db, "notifications", "erasures", "operator_acts");
});

const assetId = "2d8d693177ac44895fc02c009ec3f6af";

async function record(publicId: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    const body = { notification_type: "proof_status_changed", asset_id: assetId, public_id: publicId, n };
    const response = await invoke(notification, signedRequest(body, { origin: site.url }));
    expect(response.status).toBe(200);
  }
}

async function remaining(): Promise<number> {
  const { rows } = await site.database.db.query<{ n: number }>(
    "select count(*)::int as n from notifications where erased_at is null",
  );
  return rows[0]?.n ?? -1;
}

it("shows with counts what would be erased, then erases it under the operator's name", {
  timeout: 90_000,
}, async () => {
  await record("people/jane doe", 3);
  const dry = await site.webhooks(["forget", "people/jane doe", "--dry-run"]);
  expect(dry).toMatchObject({ code: 0, stderr: "" });
  expect(dry.stdout).toMatch(/asset ids +2d8d693177ac44895fc02c009ec3f6af/);
  expect(dry.stdout).toMatch(/notifications +3, 0 of them/);
  expect(dry.stdout).toContain("Cloudinary may still have it");
  expect(await remaining()).toBe(3);

  const done = await site.webhooks(["forget", "people/jane doe", "--reason", "request 4711"]);
  expect(done).toMatchObject({ code: 0 });
  expect(done.stdout).toMatch(/^Erased \([0-9a-f-]{36}\):/);
  expect(done.stdout).toMatch(/notifications +3/);
  expect(await remaining()).toBe(0);
  const { rows } = await site.database.db.query("select who, reason from erasures");
  expect(rows).toEqual([{ who: "ada", reason: "request 4711" }]);

  const again = await site.webhooks(["forget", "people/jane doe", "--reason", "request 4711"]);
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing is recorded under") });
});

it("prints JSON with --json, and erases a single notification with --notification", async () => {
  await record("a", 2);
  const { rows } = await site.database.db.query<{ id: string }>("select id from notifications limit 1");
  const { stdout } = await site.webhooks([
    "forget",
    rows[0]?.id ?? "",
    "--notification",
    "--reason",
    "request",
    "--json",
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ finished: true, left: 0, counts: { notifications: 1 } });
  expect(await remaining()).toBe(1);
  const dry = await site.webhooks(["forget", assetId, "--dry-run", "--json"]);
  expect(JSON.parse(dry.stdout)).toMatchObject({ assetIds: [assetId], notifications: 1 });
});

it("requires a reason and an operator's token", async () => {
  await record("a", 1);
  expect(await site.webhooks(["forget", "a"])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("--reason is required"),
  });
  const viewer = `vic-${token}`;
  const { OPERATOR_TOKEN: before = "" } = process.env;
  process.env.OPERATOR_TOKEN = `${before} vic:viewer:${viewer}`;
  const refused = await site.webhooks(
    ["forget", "a", "--reason", "request"],
    given({ OPERATOR_TOKEN: `vic:viewer:${viewer}` }),
  );
  process.env.OPERATOR_TOKEN = before;
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("needs an operator's token") });
  expect(await remaining()).toBe(1);
});
