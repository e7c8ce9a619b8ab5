import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { sendgrid } from "../../src/handlers/email/send/sendgrid.ts";
import { transmit } from "../../src/handlers/email/send/transmit.ts";
import type { CloudinaryApi } from "../../src/lib/cloudinary/api.ts";
import { type Serving, serve } from "../../src/local/server.ts";
import { type Description, descriptionAt, part } from "./support/description.ts";

// What the project itself sends, held against the publishers' own descriptions. They are not part of the project.

const cloudinary = await descriptionAt("cloudinary-api-schema.yml");
const twilio = await descriptionAt("sendgrid_tsg_mail_v3.json");
const notice = (there: unknown) => (there === null ? " (not compared: the description is not there)" : "");

interface Asked {
  method: string;
  path: string;
  query: Record<string, string | string[]>;
  body: Record<string, unknown>;
}

let asked: Asked[];
let server: Serving;
beforeAll(async () => {
  server = await serve({
    port: 0,
    async fetch(request) {
      asked.push(await askedBy(request));
      const isMail = new URL(request.url).pathname === "/v3/mail/send";
      if (isMail) return new Response(null, { status: 202, headers: { "X-Message-Id": "m" } });
      return Response.json({ result: "ok", resources: [] });
    },
  });
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await server.close();
  vi.unstubAllEnvs();
});

async function askedBy(request: Request): Promise<Asked> {
  const { pathname, searchParams } = new URL(request.url);
  const isJson = request.headers.get("content-type")?.includes("json") === true;
  const hasBody = !["GET", "HEAD"].includes(request.method);
  return {
    method: request.method.toLowerCase(),
    path: decodeURIComponent(pathname),
    query: fieldsOf(searchParams),
    body: !hasBody ? {} : isJson ? Object(await request.json()) : fieldsOf(await request.formData()),
  };
}

/** One list for `k[]` and for a repeated key. */
function fieldsOf(entries: Iterable<[string, unknown]>): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  for (const [key, value] of entries) {
    const name = key.replace(/\[\d*\]$/, "");
    const before = fields[name];
    const isList = name !== key || before !== undefined;
    fields[name] = isList ? [...[before ?? []].flat(), String(value)] : String(value);
  }
  return fields;
}

/** What of an object its schema does not know. */
function undescribed(description: Description, pointer: string, value: unknown): string[] {
  const known = description.properties(pointer);
  return Object.keys(Object(value)).filter((key) => !Object.hasOwn(known, key));
}

describe.skipIf(cloudinary === null)(`what we ask of Cloudinary${notice(cloudinary)}`, () => {
  const name = { publicId: "guests/a picture", resourceType: "image", type: "authenticated" } as const;
  const queue = { kind: "google_video_moderation", resourceType: "video", status: "approved" } as const;
  const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: "a-secret-of-the-tests" };
  const calls: [string, (api: CloudinaryApi) => Promise<unknown>][] = [
    ["openByExplicit", (api) => api.openByExplicit(name)],
    ["openByUpdate", (api) => api.openByUpdate(name)],
    ["askForModeration", (api) => api.askForModeration(name, "manual")],
    ["rename", (api) => api.rename(name, { publicId: "bg-removed/a", type: "upload", overwrite: true })],
    ["destroy", (api) => api.destroy(name)],
    ["find", (api) => api.find({ assetId: "0123456789abcdef0123456789abcdef" })],
    ["setModerationStatus", (api) => api.setModerationStatus(name, "approved")],
    ["listByModeration", (api) => api.listByModeration(queue, "cursor")],
    ["searchUploads", (api) => api.searchUploads('uploaded_at>="2026-01-01"', "cursor")],
  ];
  // Documented options of the SDK that the description of these lists leaves out.
  const beyond = ["tags", "moderations", "context"];

  it.each(calls)("%s fits the official description", async (_name, call) => {
    const url = `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`;
    vi.stubEnv("CLOUDINARY_URL", url);
    // The SDK picks http or https, once, when it is loaded.
    const { cloudinaryApi } = await import("../../src/lib/cloudinary/api.ts");
    await call(cloudinaryApi(account));
    const [one, ...more] = asked;
    expect(more).toEqual([]);
    if (one === undefined || cloudinary === null) throw new Error("nothing was asked");

    const operation = cloudinary.operation(one.method, one.path);
    if (operation === null) throw new Error(`no operation for ${one.method} ${one.path}`);
    const sent: Record<string, Record<string, unknown>> = { path: operation.inPath, query: one.query };
    for (const { name: key, in: place, required, pointer } of operation.parameters) {
      const value = sent[place]?.[key];
      if (value === undefined) expect([key, required]).toEqual([key, false]);
      else expect([key, cloudinary.misfit(pointer, value)]).toEqual([key, null]);
    }
    const described = new Set(operation.parameters.map((parameter) => parameter.name));
    expect(Object.keys(one.query).filter((key) => !described.has(key) && !beyond.includes(key))).toEqual([]);

    if (operation.body === null) return expect(one.body).toEqual({});
    expect(undescribed(cloudinary, operation.body, one.body)).toEqual([]);
    expect(cloudinary.misfit(operation.body, asJson(one.body, operation.body, cloudinary))).toBeNull();
  });

  /** In a form lists and objects travel as JSON, and some booleans of the SDK as 1 or 0. */
  function asJson(fields: Asked["body"], pointer: string, description: Description): Asked["body"] {
    const known = description.properties(pointer);
    const value = (key: string, sent: unknown): unknown => {
      if (typeof sent !== "string") return sent;
      if (/^[[{]/.test(sent)) return JSON.parse(sent);
      return known[key]?.type === "boolean" && /^[01]$/.test(sent) ? sent === "1" : sent;
    };
    return Object.fromEntries(Object.entries(fields).map(([key, sent]) => [key, value(key, sent)]));
  }
});

describe.skipIf(twilio === null)(`what we ask of SendGrid${notice(twilio)}`, () => {
  const schema = `#/components/requestBodies/PostMailSend/content/${part("application/json")}/schema`;
  const mail = {
    from: "receiver@example.com",
    subject: "demo is ready",
    html: "<p>It may be shown.</p>",
    text: "It may be shown.",
  };

  it.each([
    ["to people", false],
    ["from a preview, which is checked only,", true],
  ])("a mail %s fits the official description", async (_name, sandbox) => {
    const provider = sendgrid(
      { provider: "sendgrid", apiKey: "SG.tests", from: mail.from, to: [], baseUrl: server.url },
      { region: "global", timeoutMs: 60_000 },
    );
    const transmitted = await transmit(mail, ["ann@example.com", "ben@example.com"], {
      provider,
      isRepeatable: true,
      deliveryId: "0d5a3c1e-7f21-4d0c-9a51-3f1f9b0f2c11",
      signal: AbortSignal.timeout(60_000),
      sandbox,
      progress: { waited: false, accepted: [], messageIds: [], reminder: false, list: false, unsent: 0 },
      save: async () => {},
    });
    expect(transmitted).toMatchObject({ refused: [], stopped: null });
    expect(asked).toMatchObject([{ method: "post", path: "/v3/mail/send" }]);
    const { personalizations, ...body } = asked[0]?.body ?? {};
    expect(personalizations).toHaveLength(2);
    expect(twilio?.misfit(schema, { personalizations, ...body })).toBeNull();
    if (twilio === null) throw new Error("skipped");
    expect(undescribed(twilio, schema, body)).toEqual([]);
    const person = `${twilio.properties(schema).personalizations?.pointer}/items`;
    for (const one of Array.isArray(personalizations) ? personalizations : [])
      expect(undescribed(twilio, person, one)).toEqual([]);
  });
});
