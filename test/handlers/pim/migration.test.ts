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

/** Assets that the version before 0017 put on one product, on none, or under a product that does not exist. */
const rowsBefore17 = `
insert into pim_source (name, rank) values ('metadata:sku', 0);
insert into pim_asset (asset_id, resource_type, public_id, public_id_at, version, skus)
select id, 'image', id, to_timestamp(1000), 1000, skus
from (values ('17-several', array['SOFA-1', 'SOFA-2']), ('17-list', array['AB-1, AB-2']), ('17-pdf', array['PD-1']), ('17-texts', array['CO-7']),
             ('17-composed', array[U&'CAF\\00C9']), ('17-decomposed', array[U&'CAFE\\0301', U&'CAF\\00C9'])) as given (id, skus);
insert into pim_claim (asset_id, field, source, element, value, at) values
  ('17-several', 'sku', 'tag:sku:', 'SOFA-1', 'SOFA-1', to_timestamp(1000)), ('17-several', 'sku', 'tag:sku:', 'SOFA-2', 'SOFA-2', to_timestamp(1000)),
  ('17-list', 'sku', 'metadata:sku', '', 'AB-1, AB-2', to_timestamp(1000)), ('17-pdf', 'sku', 'metadata:sku', '', 'PD-1', to_timestamp(1000)),
  ('17-texts', 'sku', 'metadata:sku', '', 'CO-7', to_timestamp(1000)),
  ('17-composed', 'sku', 'metadata:sku', '', U&'CAF\\00C9', to_timestamp(1000)),
  ('17-decomposed', 'sku', 'tag:sku:', U&'CAFE\\0301', U&'CAFE\\0301', to_timestamp(1000)),
  ('17-decomposed', 'sku', 'tag:sku:', U&'CAF\\00C9', U&'CAF\\00C9', to_timestamp(1001));
insert into pim_unknown_sku (sku, handler) values (U&'CAFE\\0301', 'pim:webhook'), (U&'CAF\\00C9', 'pim:webhook'), (U&'CAFE\\0301', 'pim:akeneo');
insert into pim_rendition (asset_id, name, transformation, version, event_at, named_at, public_id, public_id_url, secure_url, format)
select asset_id, 'original', null, 1000, to_timestamp(1000), to_timestamp(1000), asset_id, asset_id,
       'https://res.cloudinary.com/demo/' || asset_id, case asset_id when '17-pdf' then 'pdf' else 'jpg' end
from pim_asset where asset_id like '17-%' and asset_id <> '17-texts'
union all
select '17-texts', name, transformation, 1000, to_timestamp(1000), to_timestamp(1000), 'x', 'x', 'https://res.cloudinary.com/demo/x', 'jpg'
from (values (' L, M,co_red,l_text:Arial_40:S/g_south', 'co_red,l_text:Arial_40:S, M, L/g_south'),
             ('main', 'l_text:Arial_40:S, L, M/g_south')) as given (name, transformation)`;

it("rows of earlier versions are shown as before, in the same column order", async () => {
  await applyUpTo("0008");
  await client.query(rows);
  const before = await client.query("select * from pim_product_image order by asset_id");
  expect(before.rows.map(({ asset_id }) => asset_id)).toEqual(["approved", "restored", "shown"]);

  const columns = before.fields.map((field) => field.name);
  await applyUpTo("0017");
  await client.query(rowsBefore17);
  await applyTo(client, migrationsDirectory);
  const after = await client.query(
    "select * from pim_product_image where asset_id = any ($1) order by asset_id",
    [before.rows.map(({ asset_id }) => asset_id)],
  );
  expect(after.rows).toEqual(before.rows.map((row) => ({ ...row, media_kind: "image", stale: false })));
  expect(after.fields.slice(0, columns.length).map((field) => field.name)).toEqual(columns);
  await client.query("insert into operator_acts (who, act) values ('ada', 'trust')");
});

it("what the version before 0017 wrote is on each product that it names, in one Unicode form, and files are files", async () => {
  const products = await client.query<{ row: string }>(
    "select concat_ws(' ', sku, asset_id, rendition) as row from pim_product_image where asset_id like '17-%' order by 1",
  );
  expect(products.rows.map(({ row }) => row)).toEqual([
    "CAF\u00c9 17-composed original",
    "CAF\u00c9 17-decomposed original",
    "CO-7 17-texts co_red,l_text:Arial_40:S, M, L/g_south",
    "CO-7 17-texts main",
    "SOFA-1 17-several original",
    "SOFA-2 17-several original",
  ]);
  const { rows: files } = await client.query("select sku, asset_id, role, media_kind from pim_product_files");
  expect(files).toEqual([{ sku: "PD-1", asset_id: "17-pdf", role: "media", media_kind: "pdf" }]);
  const { rows: assets } = await client.query("select skus from pim_asset where asset_id = '17-decomposed'");
  expect(assets).toEqual([{ skus: ["CAF\u00c9"] }]);
  const { rows: flagged } = await client.query("select asset_id from pim_claimed_sku where is_list");
  expect(flagged).toEqual([{ asset_id: "17-list" }]);
});

async function applyUpTo(limit: string): Promise<void> {
  const files = (await readdir(migrationsDirectory)).filter((file) => file.endsWith(".sql")).sort();
  for (const file of files.filter((file) => file < limit))
    await cp(join(migrationsDirectory, file), join(folder, file));
  await applyTo(client, folder);
}
