import { createHmac, randomUUID } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { pimWebhook } from "../../../src/handlers/pim-webhook/handler.ts";
import type { Json } from "../../../src/lib/deliveries/handler.ts";
import type { WebhookTarget } from "../../../src/lib/outgoing/signed-webhook.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "../pim/bodies.ts";
import { connectorContract, type TargetAnswer } from "../pim/connector-contract.ts";
import { play } from "../pim/play.ts";
import { type Answering, type Receiver, receiver } from "./receiver.ts";

const secret = `whsec_${Buffer.from("a-secret-of-thirty-two-bytes-....").toString("base64")}`;
const older = `whsec_${Buffer.from("the-secret-that-was-used-until-now").toString("base64")}`;

const answers: Record<TargetAnswer, Answering> = {
  takes: { status: 204 },
  "is-down": { status: 503 },
  "knows-no-such-product": { status: 422, text: '{"error":{"reason":"unknown-sku"}}' },
  refuses: { status: 400, text: "no such field" },
  "wants-no-more": { status: 410 },
};

connectorContract(
  "pim:webhook",
  ["takes", "is-down", "knows-no-such-product", "refuses", "wants-no-more"],
  async () => {
    const endpoint = await receiver();
    return {
      handler: pimWebhook({ url: endpoint.url, secrets: [secret], allowPrivate: true }),
      async holds(sku) {
        const bodies = endpoint.received
          .map(({ body }) => JSON.parse(body))
          .filter(({ data }) => data.sku === sku);
        return bodies.at(-1)?.data.images.map(({ url }: { url: string }) => url) ?? null;
      },
      async answer(how) {
        endpoint.answering = answers[how];
      },
      close: endpoint.close,
    };
  },
);

describe("what is sent", () => {
  const t = 1_750_000_000;
  const sku = "WEB-1";
  const asset = assetBodies("shelf/web");
  let database: TestDatabase;
  let endpoint: Receiver;
  beforeAll(async () => {
    database = await realDatabase();
    endpoint = await receiver();
    await play(
      database.db,
      asset.upload(t, { tags: [`sku:${sku}`], context: { custom: { alt: "From above" } } }),
    );
  });
  afterAll(async () => {
    await endpoint.close();
    await database.drop();
  });
  afterEach(() => {
    endpoint.answering = { status: 200 };
    endpoint.received.length = 0;
  });

  function push(
    target: Partial<WebhookTarget> = {},
    attempt: { attempt?: number; deliveryId?: string; progress?: Json } = {},
  ) {
    const handler = pimWebhook({ url: endpoint.url, secrets: [secret], allowPrivate: true, ...target });
    const body = { notification_type: "create_folder", folder_path: "a", folder_name: "a" };
    return play(database.db, body, { handler, subject: sku, ...attempt });
  }

  it("is signed according to Standard Webhooks, with the delivery's id", async () => {
    const deliveryId = randomUUID();
    await push({}, { deliveryId });
    const [got] = endpoint.received;
    const {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signature,
    } = got?.headers ?? {};
    expect(id).toBe(deliveryId);
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const digest = createHmac("sha256", key).update(`${id}.${timestamp}.${got?.body}`).digest("base64");
    expect(signature).toBe(`v1,${digest}`);
    expect(Math.abs(Number(timestamp) - Date.now() / 1_000)).toBeLessThan(60);
  });

  it("contains the pictures of the product", async () => {
    await push();
    expect(JSON.parse(endpoint.received[0]?.body ?? "")).toEqual({
      type: "product.images",
      timestamp: expect.stringMatching(/^\d{4}-/),
      data: {
        sku,
        images: [
          {
            url: `https://res.cloudinary.com/demo/image/upload/v${t}/shelf/web.jpg`,
            role: "gallery",
            position: null,
            alt: "From above",
            rendition: "original",
            asset_id: asset.id,
            public_id: "shelf/web",
            resource_type: "image",
            version: t,
            superseded: false,
            stale: false,
            width: 800,
            height: 600,
            bytes: 48_211,
            format: "jpg",
          },
        ],
        files: [],
      },
    });
  });

  it("has a signature for each secret during rotation", async () => {
    await push({ secrets: [secret, older] });
    const [got] = endpoint.received;
    for (const one of [secret, older])
      expect(() => new Webhook(one).verify(got?.body ?? "", headersOf(got?.headers))).not.toThrow();
    expect(() =>
      new Webhook("whsec_bm90LXRoaXMtb25l").verify(got?.body ?? "", headersOf(got?.headers)),
    ).toThrow();
  });

  it("keeps its id for the same content, and gets another one for new content", async () => {
    const deliveryId = randomUUID();
    endpoint.answering = { status: 503 };
    const first = await push({}, { deliveryId });
    const progress = first.kind === "retry" ? (first.progress ?? null) : null;
    await push({}, { deliveryId, attempt: 2, progress });
    await play(database.db, asset.context({ updated: { alt: "From below" } }, t + 50));
    await push({}, { deliveryId, attempt: 3, progress });
    const ids = endpoint.received.map(({ headers }) => headers["webhook-id"]);
    expect(ids.slice(0, 2)).toEqual([deliveryId, deliveryId]);
    expect(ids[2]).toMatch(new RegExp(`^${deliveryId}\\.[0-9a-f]{16}$`));
  });

  it("never uses the id of the first content for later content", async () => {
    const deliveryId = randomUUID();
    let progress: Json = null;
    const attempt = async (number: number, alt: string) => {
      await play(database.db, asset.context({ updated: { alt } }, t + 100 + number));
      const end = await push({}, { deliveryId, attempt: number, progress });
      if (end.kind === "retry" && end.progress !== undefined) progress = end.progress;
    };
    endpoint.answering = { status: 500 };
    await attempt(1, "Left");
    await attempt(2, "Right");
    await attempt(3, "Right");
    await attempt(4, "Left");
    const [left, right, again, back] = endpoint.received.map(({ headers }) => headers["webhook-id"]);
    expect(left).toBe(deliveryId);
    expect(right).not.toBe(deliveryId);
    expect(again).toBe(right);
    expect(back).toBe(deliveryId);
  });

  it("uses the plain id for no content when the first attempt left no trace", async () => {
    const deliveryId = randomUUID();
    await push({}, { deliveryId, attempt: 2, progress: null });
    expect(endpoint.received[0]?.headers["webhook-id"]).not.toBe(deliveryId);
  });

  it.each([
    { retryAfter: "120", atLeast: 120_000, atMost: 120_000 },
    { retryAfter: new Date(Date.now() + 600_000).toUTCString(), atLeast: 500_000, atMost: 600_000 },
  ])("P1 comes again after Retry-After: $retryAfter", async ({ retryAfter, atLeast, atMost }) => {
    endpoint.answering = { status: 429, headers: { "retry-after": retryAfter } };
    const end = await push();
    const afterMs = end.kind === "retry" ? (end.afterMs ?? 0) : -1;
    expect(afterMs).toBeGreaterThanOrEqual(atLeast);
    expect(afterMs).toBeLessThanOrEqual(atMost);
  });

  it.each([301, 302, 307, 308])("does not follow a redirect (%i)", async (status) => {
    endpoint.answering = { status, headers: { location: `${endpoint.url}/elsewhere` } };
    expect(await push()).toMatchObject({ kind: "give-up", error: expect.stringContaining(String(status)) });
    expect(endpoint.received).toHaveLength(1);
  });

  it.each([400, 401, 403, 404, 409])("P3 fails permanently on %i, with the response", async (status) => {
    endpoint.answering = { status, text: "field sku:\n is wrong for ada@example.com" };
    const end = await push();
    expect(end).toMatchObject({ kind: "give-up", error: expect.stringContaining("field sku: is wrong") });
    expect(JSON.stringify(end)).not.toContain("ada@example.com");
  });

  it.each([408, 425, 429, 500, 502])("P2 retries on %i", async (status) => {
    endpoint.answering = { status };
    expect(await push()).toMatchObject({ kind: "retry" });
  });

  it("P2 retries on a refused connection and on a timeout", async () => {
    expect(await push({ url: "http://127.0.0.1:9/" })).toMatchObject({ kind: "retry" });
    endpoint.answering = { status: 200, hang: true };
    const handler = pimWebhook({ url: endpoint.url, secrets: [secret], allowPrivate: true });
    const deadline = new AbortController();
    const end = play(database.db, asset.upload(t), { handler, subject: sku, signal: deadline.signal });
    await expect.poll(() => endpoint.received.length).toBe(1);
    deadline.abort();
    expect(await end).toMatchObject({ kind: "retry" });
  });

  it.each([
    { what: "a URL that is none", target: { url: "catalogue" } },
    { what: "a secret that is none", target: { secrets: ["whsec_!!!"] } },
    { what: "no secret", target: { secrets: [] } },
  ])("P3 sends nothing with $what and says so", async ({ target }) => {
    const end = await push(target);
    expect(end).toMatchObject({ kind: "give-up", error: expect.stringContaining("whsec_") });
    expect(JSON.stringify(end)).not.toContain("whsec_!!!");
    expect(endpoint.received).toEqual([]);
  });

  it.each([
    { address: "the loopback address", url: () => endpoint.url.replace("http:", "https:") },
    { address: "a name of this machine", url: () => "https://localhost:8443/" },
    { address: "plain http", url: () => "http://example.com/" },
    { address: "the cloud's own service", url: () => "https://169.254.169.254/latest/meta-data/" },
    { address: "an address in disguise", url: () => "https://0x7f.1/" },
    { address: "loopback in IPv6", url: () => "https://[::1]/" },
    { address: "IPv4 within IPv6", url: () => "https://[::ffff:10.0.0.1]/" },
  ])("is not sent to $address unless allowed", async ({ url }) => {
    expect(await push({ url: url(), allowPrivate: false })).toMatchObject({
      kind: "give-up",
      error: expect.stringContaining("AddressRefused"),
    });
    expect(endpoint.received).toEqual([]);
  });

  it("is not sent anywhere when nothing is configured", async () => {
    const end = await play(database.db, asset.upload(t), { handler: pimWebhook(null), subject: sku });
    expect(end).toEqual({ kind: "skip", reason: "not-configured" });
  });
});

function headersOf(headers: Record<string, unknown> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
