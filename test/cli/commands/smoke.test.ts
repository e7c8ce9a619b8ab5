import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { empty } from "../../support/databases.ts";
import { type CommandSite, commandSite, given } from "../command-site.ts";

let site: CommandSite;
beforeAll(async () => {
  site = await commandSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  await site.idle();
  await empty(site.database.db, "notifications", "erasures", "operator_acts");
});

/** Rows in every table that a handler writes, and of deliveries. */
async function traces(): Promise<Record<string, number>> {
  const { rows } = await site.database.db.query<{ name: string; n: number }>(
    `select tablename as name, (xpath('/row/n/text()', query_to_xml('select count(*) as n from ' || quote_ident(tablename), true, true, '')))[1]::text::int as n
     from pg_tables where schemaname = 'public' and (tablename ~ '^(pim|moderation|email|akeneo)' or tablename in ('deliveries', 'attempts', 'notification_asset'))`,
  );
  return Object.fromEntries(rows.map(({ name, n }) => [name, n]));
}

it("sends a test notification through the front door, verifies its record, and erases it without a trace", async () => {
  const before = await traces();
  expect(Object.keys(before)).toEqual(
    expect.arrayContaining(["deliveries", "pim_asset", "moderation_decision"]),
  );
  const { code, stdout, stderr } = await site.webhooks(["smoke"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(
    new RegExp(`^sent +${site.url}/webhooks, 200 in \\d+ ms\nverified +with the secret CLOUDINARY_URL\n`),
  );
  expect(await traces()).toEqual(before);
  expect(site.sendgrid.mailbox.list()).toEqual([]);
  const { rows } = await site.database.db.query(
    "select erased_at is not null as erased, octet_length(body) as bytes from notifications",
  );
  expect(rows).toEqual([{ erased: true, bytes: 0 }]);
  const { rows: acts } = await site.database.db.query("select who, reason from erasures");
  expect(acts).toEqual([{ who: "ada", reason: "smoke test" }]);
});

it("names the step that fails", async () => {
  const wrongSecret = given({
    CLOUDINARY_URL: "cloudinary://123456789012345:another-Secret_of-27-chars-x@demo",
  });
  expect(await site.webhooks(["smoke"], wrongSecret)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("401 signature-mismatch"),
  });
  expect(await site.webhooks(["smoke"], given({ OPERATOR_TOKEN: "" }))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("needs an operator's token"),
  });
});
