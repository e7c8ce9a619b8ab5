import { mkdirSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { realDatabase, type TestDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { browser, builtPage, openPage } from "./browser.ts";
import { type ConsoleSite, consoleSite } from "./console-site.ts";
import { deliverAll, hold, kill, paintedPictures, sender } from "./scene.ts";
import { adaToken, operatorToken } from "./tokens.ts";

let database: TestDatabase;
let site: ConsoleSite;
let chromium: Browser;
let folder: Awaited<ReturnType<typeof builtPage>>;
beforeAll(async () => {
  database = await realDatabase();
  folder = await builtPage();
  site = await consoleSite(folder.folder);
  chromium = await browser();
}, 120000);
afterAll(async () => {
  await chromium?.close();
  await site?.close();
  await folder?.remove();
  await database.drop();
});

it("shots", async () => {
  configured(database.url, {
    OPERATOR_TOKEN: operatorToken,
    SENDGRID_API_KEY: "SG.test-key-for-screens",
    FROM_VERIFIED_SENDER: "from@example.com",
    TO_RECIPIENTS: "to@example.com",
  });
  const s = sender(site.origin, (await paintedPictures()).url);
  const ids: Record<string, string> = {};
  ids.dead = await s.send(s.upload("products/SKU-1001/main"));
  await kill(database.db, ["moderation"], "Cloudinary answered 401: api_secret mismatch");
  await deliverAll(database.db);
  for (let n = 2; n < 7; n++) {
    await s.send(s.upload(`products/SKU-100${n}/main`));
    await s.send(s.eager(`products/SKU-100${n}/main`, "c_fill,h_300,w_400/l_watermark"));
  }
  await kill(database.db, ["email"], "SendGrid answered 401: The provided authorization grant is invalid");
  await deliverAll(database.db);
  for (const n of ["harbour", "lighthouse", "ferry"]) await s.send(s.pending(`community/${n}`));
  await hold(database.db, ["moderation"], "awaits-person");
  for (const n of ["dunes", "beach"]) await s.send(s.pending(`community/${n}`));
  await deliverAll(database.db);
  ids.sprite = await s.send(
    s.named("sprite", "logos", {
      secure_css_url: s.url("logos.css"),
      secure_image_url: s.url("logos"),
      secure_json_url: s.url("logos.json"),
      image_infos: Object.fromEntries(
        ["a", "b", "c", "d", "e", "f"].map((n, i) => [
          s.url(`logo-${n}`),
          { width: 64, height: 64, x: 0, y: i * 64 },
        ]),
      ),
    }),
  );
  ids.eager = await s.send(s.eager("products/SKU-1001/main", "c_fill,h_300,w_400"));
  await deliverAll(database.db);
  await s.send(Buffer.from([0xff, 0xfe, 0, 1, 2, 3]));
  await s.send(
    s.named("delete", "old/one", {
      resources: [1, 2, 3].map((n) => ({
        public_id: `old/${n}`,
        asset_id: `${n}`,
        resource_type: "image",
        type: "upload",
      })),
    }),
  );
  await s.send(s.upload("unmapped/photo-of-nothing"));
  await deliverAll(database.db);
  await database.db.query(
    "update deliveries set state='held', last_error='outcome-unknown', settled_at=now() where handler='email' and id = (select id from deliveries where handler='email' limit 1)",
  );
  await database.db.query(
    "insert into operator_acts (who, act, notification_id, handler, reason, detail) values ('ada','replay',$1,'pim','PIM is back','{\"state\":\"dead\"}')",
    [ids.dead ?? ""],
  );
  await database.db.query(
    "insert into refusals (reason, hour, count, samples) values ('signature-mismatch', date_trunc('hour', now()), 12, $1::jsonb)",
    [
      JSON.stringify([
        {
          at: new Date().toISOString(),
          path: "/webhooks/upload",
          userAgent: "Cloudinary",
          signatureLength: 40,
          timestamp: "1760000123",
        },
      ]),
    ],
  );
  await database.db.query(
    "insert into refusals (reason, hour, count, samples) values ('timestamp-malformed', date_trunc('hour', now()), 1, '[]')",
  );
  const mail = (
    await database.db.query<{ id: string }>("select id from deliveries where handler='email' limit 1")
  ).rows[0]?.id;
  mkdirSync("/tmp/shots", { recursive: true });
  const views: [string, string][] = [
    ["inbox", "/"],
    ["record", `/console/notifications/${ids.eager}`],
    ["record-dead", `/console/notifications/${ids.dead}`],
    ["sprite", `/console/notifications/${ids.sprite}`],
    ["board", "/console/moderation"],
    ["board-held", "/console/moderation?show=held"],
    ["products", "/console/products"],
    ["unmapped", "/console/products?show=unmapped"],
    ["product", "/console/product?sku=SKU-1001"],
    ["mails", "/console/mails"],
    ["mail", `/console/mails/${mail}`],
    ["held", "/console/held"],
    ["dead", "/console/dead-letters"],
    ["refusals", "/console/refusals"],
    ["health", "/console/health"],
    ["log", "/console/log"],
  ];
  for (const [name, options] of Object.entries({
    wide: { viewport: { width: 1280, height: 800 } },
    narrow: { viewport: { width: 390, height: 844 } },
  } as const))
    for (const scheme of ["light", "dark"] as const) {
      const { page, complaints } = await openPage(chromium, { ...options, colorScheme: scheme });
      await page.goto(`${site.origin}/`);
      await page.getByLabel("Operator token").waitFor();
      await page.screenshot({ path: `/tmp/shots/door-${name}-${scheme}.png` });
      await page.goto(`${site.origin}/#${adaToken}`);
      await page.reload();
      await page.getByRole("heading", { name: "Inbox" }).waitFor();
      for (const [view, path] of views) {
        await page.goto(site.origin + path);
        await page.waitForLoadState("networkidle");
        await page.screenshot({ path: `/tmp/shots/${view}-${name}-${scheme}.png`, fullPage: true });
      }
      console.log(name, scheme, complaints);
      await page.context().close();
    }
  expect(1).toBe(1);
  vi.unstubAllEnvs();
}, 300000);
