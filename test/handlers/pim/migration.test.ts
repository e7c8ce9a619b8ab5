import { randomBytes } from "node:crypto";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { applyTo, migrationsDirectory, withDatabase } from "../../support/migrate.ts";

const name = `t_${randomBytes(6).toString("hex")}`;
let folder: string;
let client: pg.Client;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-migrations-"));
  const admin = new pg.Client(inject("postgresUrl"));
  await admin.connect();
  await admin.query(`create database ${name}`);
  await admin.end();
  client = new pg.Client(withDatabase(inject("postgresUrl"), name));
  await client.connect();
});
afterAll(async () => {
  await client.end();
  const admin = new pg.Client(inject("postgresUrl"));
  await admin.connect();
  await admin.query(`drop database ${name}`);
  await admin.end();
  await rm(folder, { recursive: true });
});

/** As the version before wrote them: pictures of one product, in every state that it knew. */
const rows = `
insert into pim_source (name, rank) values ('tag:sku:', 1);
insert into pim_asset (asset_id, public_id, public_id_at, version, deleted_version, deleted_at, restored_at, erased_at, skus)
select asset_id, asset_id, to_timestamp(1000), 1000, deleted_version, to_timestamp(deleted), to_timestamp(restored), to_timestamp(erased), '{VASE-1}'
from (values ('shown', null, null, null, null), ('deleted', 1000, 1100, null, null), ('erased', null, 1100, null, 1100),
             ('restored', 1000, 1100, 1200, null), ('rejected', null, null, null, null), ('approved', null, null, null, null))
  as given (asset_id, deleted_version, deleted, restored, erased);
insert into pim_claim (asset_id, field, source, element, value, at)
select asset_id, 'sku', 'tag:sku:', 'VASE-1', 'VASE-1', to_timestamp(1000) from pim_asset;
insert into pim_rendition (asset_id, name, version, event_at, named_at, public_id, public_id_url, secure_url)
select asset_id, 'original', 1000, to_timestamp(1000), to_timestamp(1000), asset_id, asset_id, 'https://res.cloudinary.com/demo/' || asset_id
from pim_asset;
insert into pim_moderation (asset_id, kind, version, status, at) values
  ('rejected', 'manual', 1000, 'rejected', to_timestamp(1050)), ('approved', 'manual', 1000, 'approved', to_timestamp(1050));
insert into operator_acts (who, act) values ('ada', 'replay')`;

it("rows of earlier versions are shown as before, in the same column order", async () => {
  const files = (await readdir(migrationsDirectory)).filter((file) => file.endsWith(".sql")).sort();
  for (const file of files.filter((file) => file < "0008"))
    await cp(join(migrationsDirectory, file), join(folder, file));
  await applyTo(client, folder);
  await client.query(rows);
  const before = await client.query("select * from pim_product_image order by asset_id");
  expect(before.rows.map(({ asset_id }) => asset_id)).toEqual(["approved", "restored", "shown"]);

  await applyTo(client, migrationsDirectory);
  const after = await client.query("select * from pim_product_image order by asset_id");
  expect(after.rows).toEqual(before.rows);
  const columns = before.fields.map((field) => field.name);
  expect(after.fields.slice(0, columns.length).map((field) => field.name)).toEqual(columns);
  await client.query("insert into operator_acts (who, act) values ('ada', 'trust')");
});
