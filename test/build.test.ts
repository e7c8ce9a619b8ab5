import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { fullRecordSchema } from "../src/console/shared/record.ts";
import { uploadBody } from "./support/bodies.ts";
import { type BuiltSite, buildSite, type RunningSite, runSite } from "./support/built-site.ts";
import { withDatabase } from "./support/migrate.ts";
import { run } from "./support/run.ts";
import { shippedFunctions } from "./support/shipped-functions.ts";
import { signedRequest, testSecret } from "./support/signed-request.ts";

// What Netlify does with a clone: install, build with the migrations, and run each function's archive through its own entry file.

const operatorToken = "kQ3vX9tLw2Rz8mYb5NcPf7HdJg4SaEuT";
const database = `built_${randomBytes(6).toString("hex")}`;
const hooks = [
  "/webhooks",
  ...["upload", "eager", "moderation", "delete", "public"].map((one) => `/webhooks/${one}`),
];

let admin: pg.Client;
let databaseUrl: string;
let site: BuiltSite;

const variables = () => ({
  DATABASE_URL: databaseUrl,
  CLOUDINARY_WEBHOOK_SECRETS: `test:${testSecret}#demo`,
  OPERATOR_TOKEN: `ada:${operatorToken}`,
});

beforeAll(async () => {
  admin = new pg.Client(inject("postgresUrl"));
  await admin.connect();
  await admin.query(`create database ${database}`);
  databaseUrl = withDatabase(inject("postgresUrl"), database);
  site = await buildSite({ NODE_ENV: "production", MIGRATE_ON_BUILD: "true", DATABASE_URL: databaseUrl });
}, 600_000);
afterAll(async () => {
  await site?.remove();
  await admin.query(`drop database ${database} with (force)`);
  await admin.end();
});

it("netlify build needs only the packages of `npm ci --omit=dev`, and migrates if MIGRATE_ON_BUILD is set", () => {
  expect(site.output).toMatch(/Applied \d+:\n {2}0001/);
  expect(site.output).toContain("Netlify Build Complete");
  expect(site.functions.map(({ name }) => name)).toContain("deliver-background");
  // Netlify's Node for functions follows NODE_VERSION of the build, which is 24 (netlify.toml).
  for (const { name, runtimeVersion } of site.functions)
    expect([name, runtimeVersion]).toEqual([name, "nodejs24.x"]);
});

describe("the functions", () => shippedFunctions(() => site));

it("the page of a link to decide is rate limited", () => {
  expect(site.functions.find(({ name }) => name === "decide")?.trafficRules).toMatchObject({
    action: { config: { rateLimitConfig: { windowSize: 60, windowLimit: 30 } } },
  });
});

describe.each([
  ["Node 24", process.execPath, /^v24\./],
  [
    "Node 22",
    fileURLToPath(new URL("../node_modules/node-22/node_modules/node/bin/node", import.meta.url)),
    /^v22\./,
  ],
])("the built functions on %s", (_, node, version) => {
  let running: RunningSite;
  beforeAll(async () => {
    running = await runSite(site, node, variables());
  });
  afterAll(() => running?.stop());

  const api = (path: string) =>
    fetch(`${running.origin}/api${path}`, { headers: { authorization: `Bearer ${operatorToken}` } });

  it("record a signed notification with its exact bytes, deliver it in the background, and show it", async () => {
    const sku = `BUILT-${randomBytes(4).toString("hex")}`;
    const body = JSON.stringify({
      ...uploadBody({ public_id: `products/${sku}/main` }),
      note: "Ада\r\n\u{1f3fa}",
    });
    const answer = await fetch(signedRequest(body, { origin: running.origin, path: "/webhooks/upload" }));
    expect(answer.status).toBe(200);
    const { id } = (await answer.json()) as { id: string };
    // The hook calls deliver-background; this delivers.
    await expect
      .poll(async () => (await (await api(`/notifications/${id}`)).json()) as unknown, {
        timeout: 60_000,
        interval: 250,
      })
      .toMatchObject({
        deliveries: expect.arrayContaining([expect.objectContaining({ handler: "pim", state: "done" })]),
      });
    // The figures of docs/costs.md: one call of the hook and one of the worker for a notification.
    expect(running.calls.get("upload")).toBe(1);
    expect(running.calls.get("deliver-background")).toBe(1);
    const record = fullRecordSchema.parse(await (await api(`/notifications/${id}`)).json());
    expect(record.body?.content).toBe(body);
    const client = new pg.Client(databaseUrl);
    await client.connect();
    const { rows } = await client.query("select sku, rendition from pim_product_image where sku = $1", [sku]);
    await client.end();
    expect(rows).toEqual([{ sku, rendition: "original" }]);
  });

  it("reject a wrong signature, and answer methods that no hook has with 405", async () => {
    const forged = signedRequest(uploadBody(), {
      origin: running.origin,
      secret: "another-secret-of-27-chars!",
    });
    expect((await fetch(forged)).status).toBe(401);
    const answers = await Promise.all(hooks.map((path) => fetch(running.origin + path)));
    expect(answers.map(({ status }) => status)).toEqual(hooks.map(() => 405));
  });

  it("pass the smoke test of the command line", async () => {
    const { code, stdout, stderr } = await run(
      site.folder,
      ["src/cli/main.ts", "smoke", "--url", running.origin],
      variables(),
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("byte for byte, without deliveries");
  });

  it("run on schedule, and let operators sign in", async () => {
    expect((await running.runScheduled("sweep")).status).toBe(200);
    expect(await (await running.runScheduled("reconcile")).json()).toEqual({ skipped: "no-account" });
    const signIn = await fetch(`${running.origin}/api/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: running.origin },
      body: JSON.stringify({ token: operatorToken }),
    });
    expect(signIn.headers.get("set-cookie")).toContain("HttpOnly");
    expect((await api("/health")).status).toBe(200);
    const post = async (path: string) => (await fetch(running.origin + path, { method: "POST" })).status;
    expect(await post("/webhooks/sendgrid")).toBe(404); // Without SendGrid's key.
    expect(await post("/decide/a-link")).toBe(404); // Without the setting.
    expect(await post("/.netlify/functions/faces-background")).toBe(202);
    // Every function ran, in this Node.
    expect([...running.nodes]).toEqual([expect.stringMatching(version)]);
    expect([...running.calls.keys()].sort()).toEqual(site.functions.map(({ name }) => name).sort());
  });
});
