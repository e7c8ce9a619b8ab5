import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { checkResend } from "../../src/doctor/checks/resend.ts";
import type { DoctorContext } from "../../src/doctor/context.ts";
import { serve } from "../../src/local/server.ts";
import { type StandIns, standIns } from "../../src/local/stand-ins.ts";
import { settings } from "../../src/settings.ts";
import { uploadBody } from "../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../support/databases.ts";
import { configured } from "../support/environment.ts";
import { freePort } from "../support/free-port.ts";
import { loopbackReceiver } from "../support/loopback-receiver.ts";
import { projectFolder } from "../support/project-folder.ts";
import { signedRequest, testSecret } from "../support/signed-request.ts";
import { complete, doctor } from "./doctor-site.ts";

const apiKey = "123456789012345";
const apiSecret = "an-Api-Secret_of_27-charactr";
const sendgridKey = "SG.aRealLookingKey.0123456789";
let folder: string;
let dataDir: string;
let database: TestDatabase;
let services: StandIns;
let servicesUrl: string;
let receiver: Awaited<ReturnType<typeof loopbackReceiver>>;
let env: Record<string, string>;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const project = await projectFolder();
  folder = project.path;
  dataDir = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-doctor-"));
  database = await realDatabase();
  const port = await freePort();
  services = await standIns({
    cloudName: "demo",
    apiKey,
    apiSecret,
    sendgridApiKey: sendgridKey,
    baseUrl: `http://127.0.0.1:${port}`,
    dataDir,
  });
  const serving = await serve({ port, fetch: services.fetch });
  servicesUrl = serving.url;
  env = {
    ...complete(database.url),
    CLOUDINARY_URL: `cloudinary://${apiKey}:${apiSecret}@demo?upload_prefix=${encodeURIComponent(servicesUrl)}`,
    SENDGRID_API_KEY: sendgridKey,
    SENDGRID_BASE_URL: servicesUrl,
  };
  configured(database.url, env);
  receiver = await loopbackReceiver();
  ends.push(
    () => receiver.close(),
    () => serving.close(),
    () => services.close(),
    () => database.drop(),
    () => rm(dataDir, { recursive: true, force: true }),
    project.remove,
  );
});
afterAll(async () => {
  for (const end of ends) await end();
  vi.unstubAllEnvs();
});
beforeEach(async () => {
  await receiver.idle();
  await database.db.query("truncate notifications, heartbeats, refusals cascade");
  await database.db.query("insert into heartbeats (name) values ('sweep'), ('deliver-background')");
  services.cloudinary.cloud.store.state.triggers.length = 0;
  services.cloudinary.cloud.store.state.presets.length = 0;
});

const admin = async (path: string, body: object) => {
  const { ok } = await fetch(`${servicesUrl}/v1_1/demo${path}`, {
    method: "POST",
    headers: {
      authorization: `Basic ${Buffer.from(`${apiKey}:${apiSecret}`).toString("base64")}`,
      "content-type": "application/json",
    },
    body: JSON.stringify(body),
  });
  expect(ok).toBe(true);
};
const trigger = (more: object = {}) =>
  admin("/triggers", { uri: `${receiver.url}/webhooks`, event_type: "all", ...more });
const diagnosed = (changed: Record<string, string> = {}, url = receiver.url) =>
  doctor(folder, { ...env, ...changed }, "--url", url);
const ofAreas = (ids: readonly string[], ...areas: string[]) =>
  ids.filter((id) => areas.some((area) => id.startsWith(`${area}.`)));

it("finds nothing wrong with a receiver in order, and exits with 0", async () => {
  await trigger();
  await fetch(signedRequest(uploadBody(), { origin: receiver.url }));
  const { code, failed, warned, findings } = await diagnosed();
  expect({ code, failed }).toEqual({ code: 0, failed: [] });
  expect(warned).toEqual([]);
  const fine = findings.filter(({ level }) => level === "ok").map(({ id }) => id);
  expect(fine).toEqual(
    expect.arrayContaining([
      "secrets.webhooks",
      "deliveries.sweep-seen",
      "deliveries.background",
      "cloudinary.key",
      "cloudinary.triggers",
      "sendgrid.key",
      "sendgrid.sender",
      "sendgrid.sandbox",
      "site.public",
      "site.hooks",
      "site.background",
      "site.health",
    ]),
  );
  expect(findings.find(({ id }) => id === "secrets.webhooks")?.what).toContain("1 in the last 24 hours");
  expect(services.sendgrid.mailbox.list()).toEqual([]);
});

describe("Cloudinary", () => {
  it("a wrong secret, whatever else is broken", async () => {
    const wrong = env.CLOUDINARY_URL?.replace(apiSecret, "some-Other-secret_27-charac") ?? "";
    const { code, failed, output } = await diagnosed({ CLOUDINARY_URL: wrong, DATABASE_URL: "" });
    expect(code).toBe(1);
    expect(failed).toContain("cloudinary.key");
    expect(output).not.toContain("some-Other-secret");
  });

  it("a trigger that signs with EdDSA only, with a path that is no hook, and a preset for visitors that is trusted", async () => {
    await trigger({ auth_scheme: "eddsa_v2" });
    await trigger({ uri: `${receiver.url}/webhook`, event_type: "upload" });
    await admin("/upload_presets", {
      name: "visitors",
      unsigned: true,
      notification_url: `${receiver.url}/webhooks`,
    });
    const { failed } = await diagnosed();
    expect(ofAreas(failed, "cloudinary").map((id) => id.replace(/\.[0-9a-f]{32}$/, ""))).toEqual([
      "cloudinary.trigger-auth-scheme",
      "cloudinary.trigger-path",
      "cloudinary.preset.visitors",
    ]);
  });

  it("triggers that point elsewhere: the wrong address is named; and types without one", async () => {
    await trigger({ uri: "https://old-site.example.com/webhooks" });
    const { failed, findings } = await diagnosed();
    expect(ofAreas(failed, "cloudinary")).toEqual(["cloudinary.triggers"]);
    expect(findings.find(({ id }) => id === "cloudinary.triggers")?.why).toContain("old-site.example.com");
    await trigger({ event_type: "upload" });
    expect(ofAreas((await diagnosed()).warned, "cloudinary")).toEqual(["cloudinary.trigger-types"]);
  });
});

describe("SendGrid", () => {
  it("a sender that is not verified, a wrong key, and a missing sender", async () => {
    const [unverified, key, missing] = await Promise.all([
      diagnosed({ FROM_VERIFIED_SENDER: "ada@elsewhere.test" }),
      diagnosed({ SENDGRID_API_KEY: "SG.another.0123456789abcdef" }),
      diagnosed({ FROM_VERIFIED_SENDER: "" }),
    ]);
    expect(ofAreas(unverified.failed, "sendgrid")).toEqual(["sendgrid.sender"]);
    expect(unverified.output).not.toContain("ada@");
    expect(ofAreas(key.failed, "sendgrid")).toEqual(["sendgrid.key"]);
    expect(missing.failed).toContain("environment.FROM_VERIFIED_SENDER");
  });

  it("a mail that is refused with 403, and a service that does not answer, which is no failure of ours", async () => {
    services.sendgrid.faults.add({
      kind: "status",
      status: 403,
      match: "/v3/mail/send",
      body: "The from address does not match a verified Sender Identity.",
    });
    const refused = await diagnosed();
    expect(ofAreas(refused.failed, "sendgrid")).toEqual(["sendgrid.sandbox"]);
    services.sendgrid.faults.add({ kind: "reset", match: "/v3/scopes" });
    const { failed, findings } = await diagnosed();
    services.sendgrid.faults.clear();
    expect(ofAreas(failed, "sendgrid")).toEqual([]);
    expect(findings.find(({ id }) => id === "sendgrid")?.level).toBe("not-checked");
  });
});

it("Resend: an accepted key and domain, a wrong key, a key that may only send, an unknown domain; nothing with SendGrid", async () => {
  const levelsWith = async (account: object, provider: "sendgrid" | "resend" = "resend") => {
    const mail = {
      provider,
      apiKey: sendgridKey,
      from: "receiver@example.com",
      to: ["ada@example.com"],
      baseUrl: `${servicesUrl}/resend`,
      ...account,
    };
    // The settings are a constant of the program, so the command line cannot choose the other provider.
    const context = { config: { mail }, settings: { ...settings, email: { ...settings.email, provider } } };
    const findings = await checkResend(context as unknown as DoctorContext); // The part that the check uses.
    return findings.map(({ id, level }) => `${id}: ${level}`);
  };
  expect(await levelsWith({})).toEqual(["resend.key: ok", "resend.sender: ok"]);
  expect(await levelsWith({ apiKey: "re_another" })).toEqual(["resend.key: failed"]);
  expect(await levelsWith({ from: "a@elsewhere.test" })).toEqual(["resend.key: ok", "resend.sender: failed"]);
  expect(await levelsWith({}, "sendgrid")).toEqual([]);
  services.resend.faults.add({ kind: "reset", match: "/domains" });
  expect(await levelsWith({})).toEqual(["resend: not-checked"]);
});

describe("the site", () => {
  const other = async (answer: (request: Request) => Response) => {
    const site = await serve({ port: 0, fetch: async (request) => answer(request) });
    const result = await diagnosed({}, site.url);
    await site.close();
    return ofAreas(result.failed, "site");
  };

  it("private, of another program, a preview, a redirect, or nowhere", async () => {
    const login = () =>
      new Response("<!doctype html><html><title>Log in</title></html>", {
        status: 401,
        headers: { "content-type": "text/html" },
      });
    expect(await other(login)).toEqual(["site.private"]);
    expect(await other(() => new Response("<html>Page not found</html>", { status: 404 }))).toEqual([
      "site.receiver",
    ]);
    expect(await other(() => Response.json({ error: { reason: "preview" } }, { status: 503 }))).toEqual([
      "site.preview",
    ]);
    expect(
      await other(
        () => new Response(null, { status: 301, headers: { location: "https://www.example.com/webhooks" } }),
      ),
    ).toEqual(["site.redirect"]);
    const nowhere = await diagnosed({}, `http://127.0.0.1:${await freePort()}`);
    expect(ofAreas(nowhere.failed, "site")).toEqual(["site.reachable"]);
  });

  it("says what the deployed receiver finds about itself, with its own variables", async () => {
    configured(database.url, { ...env, SENDGRID_API_KEY: "", OPERATOR_TOKEN: env.OPERATOR_TOKEN ?? "" });
    const { failed, findings } = await diagnosed();
    configured(database.url, env);
    expect(failed).toContain("site.environment.SENDGRID_API_KEY");
    const stranger = await diagnosed({ OPERATOR_TOKEN: "bob:0f1e9d7c4b5a60828796a5b4c3d2e1f3" });
    expect(stranger.findings.find(({ id }) => id === "site.findings")?.level).toBe("not-checked");
    expect(findings.some(({ id }) => id === "site.findings")).toBe(false);
  });
});

describe("deliveries", () => {
  it("a sweep that is silent, or never came", async () => {
    await database.db.query("truncate heartbeats");
    await fetch(signedRequest(uploadBody(), { origin: receiver.url }));
    await receiver.idle();
    const { rows } = await database.db.query("select name from heartbeats");
    expect(rows).toEqual([{ name: "deliver-background" }]);
    await database.db.query("insert into heartbeats (name) values ('sweep')");
    await database.db.query("update heartbeats set at = now() - interval '2 hours'");
    const late = await diagnosed();
    expect(ofAreas(late.failed, "deliveries")).toEqual(["deliveries.sweep"]);
    expect(late.output).toContain("2 hours ago");
    await database.db.query("truncate heartbeats");
    await database.db.query("update notifications set received_at = now() - interval '1 day 1 hour'");
    const never = await diagnosed();
    expect(ofAreas(never.failed, "deliveries")).toEqual(["deliveries.sweep"]);
    expect(ofAreas(never.warned, "deliveries")).toContain("deliveries.background");
  });

  it("requests that were all rejected: Cloudinary signs with a secret that is not set", async () => {
    const forged = signedRequest(uploadBody(), {
      origin: receiver.url,
      secret: "some-Other-secret_27-charac",
    });
    expect((await fetch(forged)).status).toBe(401);
    await vi.waitFor(async () => {
      const { rows } = await database.db.query("select reason from refusals");
      expect(rows).toEqual([{ reason: "signature-mismatch" }]);
    }, 60_000);
    const { failed } = await diagnosed();
    expect(failed).toContain("secrets.rejected-signature-mismatch");
    const { rows } = await database.db.query<{ id: string }>(
      "select samples -> 0 ->> 'id' as id from refusals",
    );
    const refused = await doctor(folder, env, "--refusal", rows[0]?.id ?? "");
    expect(refused.code).toBe(1);
    expect(refused.failed).toEqual(["request.signature-mismatch"]);
    expect(refused.findings.at(-1)).toMatchObject({
      level: "not-checked",
      why: expect.stringContaining("Neither the body nor the signature"),
      fix: expect.stringContaining("--headers"),
    });
    expect((await doctor(folder, env, "--refusal", "none")).failed).toEqual(["request.unknown"]);
    await fetch(signedRequest(uploadBody(), { origin: receiver.url, secret: testSecret }));
    const { failed: later, warned } = await diagnosed();
    expect(later).not.toContain("secrets.rejected-signature-mismatch");
    expect(warned).toContain("secrets.rejected-signature-mismatch");
  });
});
