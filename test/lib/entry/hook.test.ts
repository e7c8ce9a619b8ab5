import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import deleteHook from "../../../netlify/functions/delete.ts";
import eager from "../../../netlify/functions/eager.ts";
import moderation from "../../../netlify/functions/moderation.ts";
import notification from "../../../netlify/functions/notification.ts";
import upload from "../../../netlify/functions/upload.ts";
import { uploadBody } from "../../support/bodies.ts";
import { configured, environment } from "../../support/environment.ts";
import { freePort } from "../../support/free-port.ts";
import { invoke } from "../../support/invoke.ts";
import { ownReceiver } from "../../support/receiver.ts";
import { signedRequest, testSecret } from "../../support/signed-request.ts";

const receiver = ownReceiver();

const request = (
  body: object | string | Uint8Array = uploadBody(),
  options: Parameters<typeof signedRequest>[1] = {},
) => signedRequest(body, { origin: receiver.site.origin, ...options });

async function count(table: "notifications" | "deliveries"): Promise<number> {
  const { rows } = await receiver.database.db.query<{ count: string }>(`select count(*) from ${table}`);
  return Number(rows[0]?.count);
}

const everyHook = { upload, eager, moderation, delete: deleteHook, notification };

describe.each(Object.entries(everyHook))("the %s hook", (_name, hook) => {
  it("answers a signed notification with 200", async () => {
    expect((await invoke(hook, request())).status).toBe(200);
  });

  it("F13 rejects an unsigned one with 401, and records nothing", async () => {
    const before = await count("notifications");
    const unsigned = new Request(new URL("/webhooks", receiver.site.origin), {
      method: "POST",
      body: JSON.stringify(uploadBody()),
    });
    const response = await invoke(hook, unsigned);
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: { reason: "signature-missing" } });
    expect(await count("notifications")).toBe(before);
  });

  it.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])(
    "S17 answers %s with 405 and what is allowed",
    async (method) => {
      const response = await invoke(
        hook,
        new Request(new URL("/webhooks", receiver.site.origin), { method }),
      );
      expect(response.status).toBe(405);
      expect(response.headers.get("allow")).toBe("POST");
    },
  );
});

it("a variable that changes while the process runs applies to the next request", async () => {
  const { url } = receiver.database;
  const statusOf = async () => (await invoke(notification, request())).status;
  expect(await statusOf()).toBe(200);
  environment({ DATABASE_URL: url, CLOUDINARY_WEBHOOK_SECRETS: "other:0123456789abcdefghijklmnopq" });
  expect(await statusOf()).toBe(401);
  environment({ DATABASE_URL: url }); // No secret.
  expect(await statusOf()).toBe(500);
  configured(url);
  expect(await statusOf()).toBe(200);
});

describe("rejected requests", () => {
  it.each([
    [
      "altered",
      "signature-mismatch",
      () => request(uploadBody(), { headers: { "x-cld-signature": "0".repeat(40) } }),
    ],
    [
      "stale",
      "timestamp-too-old",
      () => request(uploadBody(), { timestamp: Math.floor(Date.now() / 1_000) - 7_300 }),
    ],
    [
      "from the future",
      "timestamp-ahead",
      () => request(uploadBody(), { timestamp: Math.floor(Date.now() / 1_000) + 400 }),
    ],
    [
      "signed with another secret",
      "signature-mismatch",
      () => request(uploadBody(), { secret: "another-secret-altogether" }),
    ],
    ["with milliseconds", "timestamp-malformed", () => request(uploadBody(), { timestamp: Date.now() })],
    ["S12 with an EdDSA signature alone", "signature-eddsa-only", () => eddsaOnly()],
  ])("one %s gets 401 and %s", async (_name, reason, make) => {
    const before = await count("notifications");
    const response = await invoke(notification, make());
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ error: { reason } });
    expect(await count("notifications")).toBe(before);
  });

  function eddsaOnly(): Request {
    const { headers, url } = request();
    headers.delete("x-cld-signature");
    headers.set("x-cld-signature_v2", "MEUCIQ");
    return new Request(url, { method: "POST", headers, body: "{}" });
  }

  it("S17 a signed body is accepted with any content type", async () => {
    const response = await invoke(
      notification,
      request(uploadBody(), { headers: { "content-type": "text/plain" } }),
    );
    expect(response.status).toBe(200);
  });

  it("S15 a body over the limit gets 413: with Content-Length, without it, and with a wrong one", async () => {
    const large = Buffer.alloc(4 * 1_024 * 1_024 + 1, 0x20);
    const { headers } = request(large);
    for (const length of [String(large.length), null, "10"]) {
      const sent = new Headers(headers);
      if (length === null) sent.delete("content-length");
      else sent.set("content-length", length);
      const response = await invoke(
        notification,
        new Request(receiver.site.origin, { method: "POST", headers: sent, body: endless(), duplex: "half" }),
      );
      expect(response.status).toBe(413);
      expect(await response.json()).toEqual({ error: { reason: "body-too-large" } });
    }
    expect(pulled).toBeLessThan(12 * 1_024 * 1_024); // Three times the limit: each stopped there.
  });

  let pulled = 0;
  /** Has no end that a reader within the limit reaches, and breaks off far above it. */
  function endless(): ReadableStream<Uint8Array> {
    let sent = 0;
    return new ReadableStream({
      pull(controller) {
        pulled += 256 * 1_024;
        sent += 256 * 1_024;
        if (sent > 16 * 1_024 * 1_024) return controller.error(new Error("far above the limit"));
        controller.enqueue(new Uint8Array(256 * 1_024));
      },
    });
  }

  it("a body of exactly the limit is accepted", async () => {
    const text = JSON.stringify(uploadBody());
    const body = text.slice(0, -1) + " ".repeat(4 * 1_024 * 1_024 - text.length) + text.slice(-1);
    expect((await invoke(notification, request(body))).status).toBe(200);
  });

  it("S16 a gzipped body is decompressed once, and the limit applies to its decompressed size", async () => {
    const text = JSON.stringify(uploadBody());
    const { headers, url } = request(text, { headers: { "content-encoding": "gzip" } });
    const zipped = await invoke(
      notification,
      new Request(url, { method: "POST", headers, body: gzipSync(text) }),
    );
    expect(zipped.status).toBe(200);
    const { id } = (await zipped.json()) as { id: string };
    const { rows } = await receiver.database.db.query("select body from notifications where id = $1", [id]);
    expect(rows[0]?.body).toEqual(Buffer.from(text));
    const bomb = gzipSync(Buffer.alloc(5 * 1_024 * 1_024));
    expect(
      (await invoke(notification, new Request(url, { method: "POST", headers, body: bomb }))).status,
    ).toBe(413);
    const broken = await invoke(notification, new Request(url, { method: "POST", headers, body: "no gzip" }));
    expect(broken.status).toBe(400);
  });

  it("S19 a thousand forged requests record no notification, need one counter, and log no secret", async () => {
    const lines: string[] = [];
    for (const name of ["log", "warn", "error"] as const)
      vi.spyOn(console, name).mockImplementation((line: string) => void lines.push(line));
    const before = await count("notifications");
    const forged = Array.from({ length: 1_000 }, () =>
      request(uploadBody(), { headers: { "x-cld-signature": "a".repeat(40) } }),
    );
    const answers = await Promise.all(forged.map((one) => invoke(notification, one)));
    vi.restoreAllMocks();
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401]));
    expect(await count("notifications")).toBe(before);
    const { rows } = await receiver.database.db.query<{ reason: string; samples: number }>(
      "select reason, jsonb_array_length(samples) as samples from refusals",
    );
    expect(new Set(rows.map(({ reason }) => reason)).size).toBeLessThanOrEqual(10);
    expect(rows.length).toBeLessThanOrEqual(20); // When the hour turns meanwhile, there are two rows for each.
    for (const row of rows) expect(row.samples).toBeLessThanOrEqual(5);
    expect(lines.length).toBeGreaterThanOrEqual(1_000);
    const secretSha1 = "a".repeat(40);
    expect(lines.filter((line) => line.includes(testSecret) || line.includes(secretSha1))).toEqual([]);
  });

  it("counts a rejected request by reason and hour, with a sample without body and signature", async () => {
    const { countRefusal } = await import("../../../src/lib/receive/refusals.ts");
    const forged = request(uploadBody({ public_id: "not-to-be-kept" }), {
      headers: { "x-cld-signature": "b".repeat(40) },
    });
    const refused = { id: "x", request: forged, reason: "secret-expired" } as const;
    const { db } = receiver.database;
    for (const seconds of [60, 61, 72])
      await countRefusal(refused, db, { now: Date.now() + seconds * 1_000 });
    const { rows } = await db.query("select count, samples from refusals where reason = 'secret-expired'");
    expect(rows).toHaveLength(1);
    expect(Number(rows[0]?.count)).toBe(3);
    const samples = JSON.stringify(rows[0]?.samples);
    expect(samples).toContain('"signatureLength": 40'.replace(" ", ""));
    expect(samples).not.toContain("bbbb");
    expect(samples).not.toContain("not-to-be-kept");
  });

  it("requests without an x-cld header access no table", async () => {
    const before = await receiver.database.db.query("select sum(count) from refusals");
    const plain = () =>
      new Request(new URL("/webhooks", receiver.site.origin), { method: "POST", body: "{}" });
    await Promise.all(Array.from({ length: 20 }, () => invoke(notification, plain())));
    expect(await receiver.database.db.query("select sum(count) from refusals")).toEqual(before);
  });
});

describe("configuration", () => {
  it.each([
    ["nothing is set", {}, ["DATABASE_URL", "CLOUDINARY_URL"]],
    ["there is no secret", { DATABASE_URL: "postgres://here" }, ["CLOUDINARY_URL"]],
    [
      "the secret is empty",
      { DATABASE_URL: "postgres://here", CLOUDINARY_URL: "cloudinary://key:@demo" },
      ["CLOUDINARY_URL"],
    ],
    [
      "the secret is blank",
      { DATABASE_URL: "postgres://here", CLOUDINARY_URL: "cloudinary://key:%20%20@demo" },
      ["CLOUDINARY_URL"],
    ],
    [
      "the secret is a placeholder",
      {
        DATABASE_URL: "postgres://here",
        CLOUDINARY_URL: "cloudinary://<your_api_key>:<your_api_secret>@<your_cloud_name>",
      },
      ["CLOUDINARY_URL"],
    ],
    [
      "the secret is the sample's",
      { DATABASE_URL: "postgres://here", CLOUDINARY_URL: "cloudinary://API_KEY:API_SECRET@CLOUD_NAME" },
      ["CLOUDINARY_URL"],
    ],
    [
      "a listed secret is empty",
      { DATABASE_URL: "postgres://here", CLOUDINARY_WEBHOOK_SECRETS: "new:" },
      ["CLOUDINARY_WEBHOOK_SECRETS: new"],
    ],
    [
      "a listed secret is short",
      { DATABASE_URL: "postgres://here", CLOUDINARY_WEBHOOK_SECRETS: "new:s3cretenough" },
      ["CLOUDINARY_WEBHOOK_SECRETS: new"],
    ],
    [
      "a listed secret has an impossible end",
      { DATABASE_URL: "postgres://here", CLOUDINARY_WEBHOOK_SECRETS: "new:s3cretenough-for-this@2027-02-31" },
      ["CLOUDINARY_WEBHOOK_SECRETS: new"],
    ],
  ])(
    "S10 every hook answers 500 when %s, accepts nothing, and logs what is missing by name",
    async (_case, variables: Record<string, string>, names) => {
      environment(variables);
      const logged = vi.spyOn(console, "error").mockImplementation(() => {});
      for (const hook of Object.values(everyHook)) {
        for (const secret of ["", testSecret]) {
          const response = await invoke(hook, request(uploadBody(), { secret }));
          expect(response.status).toBe(500);
          expect(await response.json()).toEqual({ error: { reason: "not-configured" } });
        }
      }
      const lines = logged.mock.calls.flat().join("\n");
      logged.mockRestore();
      for (const name of names) expect(lines).toContain(name);
      expect(lines).not.toContain("s3cretenough");
    },
  );

  it("S11 accepts each of several named secrets, records which one, and rejects one after its date", async () => {
    configured(receiver.database.url, {
      CLOUDINARY_WEBHOOK_SECRETS:
        "next:n3xt-secret_0123456789abcde old:0ld-secret_0123456789abcdef@2020-01-01",
    });
    const next = await invoke(notification, request(uploadBody(), { secret: "n3xt-secret_0123456789abcde" }));
    const { id } = (await next.json()) as { id: string };
    const { rows } = await receiver.database.db.query("select secret_name from notifications where id = $1", [
      id,
    ]);
    expect(rows).toEqual([{ secret_name: "next" }]);
    const old = await invoke(notification, request(uploadBody(), { secret: "0ld-secret_0123456789abcdef" }));
    expect([old.status, await old.json()]).toEqual([401, { error: { reason: "secret-expired" } }]);
  });

  it.each(["deploy-preview", "branch-deploy"])(
    "a %s answers 503 and records nothing",
    async (deployContext) => {
      const before = await count("notifications");
      const response = await invoke(notification, request(), { deployContext });
      expect([response.status, await response.json()]).toEqual([503, { error: { reason: "preview" } }]);
      expect(await count("notifications")).toBe(before);
    },
  );
});

it("a request without a Cloudinary header is not counted, so that scanners do not wake a sleeping database", async () => {
  const refused = async () =>
    (
      await receiver.database.db.query<{ n: number }>(
        "select coalesce(sum(count), 0)::int as n from refusals",
      )
    ).rows[0]?.n ?? 0;
  const before = await refused();
  // Counts are written every ten seconds: in an hour, the next one is written at once.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
  const url = new URL("/webhooks", receiver.site.origin);
  const scanned = () => new Request(url, { method: "POST", body: "{}" });
  expect((await invoke(notification, scanned())).status).toBe(401);
  expect(await refused()).toBe(before);
  const headers = { "x-cld-timestamp": "1" };
  expect((await invoke(notification, new Request(scanned(), { headers }))).status).toBe(401);
  expect(await refused()).toBeGreaterThan(before); // With those of earlier tests.
  vi.useRealTimers();
});

describe("when the database is unavailable", () => {
  it("I5 answers 503 at once when the connection is refused", async () => {
    configured(`postgresql://postgres:postgres@127.0.0.1:${await freePort()}/none`);
    const response = await invoke(notification, request());
    expect([response.status, await response.json()]).toEqual([503, { error: { reason: "database" } }]);
  });

  it("I5 answers 503 in slightly more than eight seconds when it does not respond", async () => {
    const { createServer } = await import("node:net");
    const silent = createServer(() => {}).listen(0, "127.0.0.1");
    await once(silent, "listening");
    const address = silent.address();
    configured(
      `postgresql://postgres:postgres@127.0.0.1:${typeof address === "object" ? address?.port : ""}/none`,
    );
    const connected = once(silent, "connection");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let status: number | undefined;
      const answering = invoke(notification, request()).then((response) => {
        ({ status } = response);
      });
      await connected;
      await vi.advanceTimersByTimeAsync(7_900);
      expect(status).toBeUndefined();
      await vi.advanceTimersByTimeAsync(600);
      await answering;
      expect(status).toBe(503);
    } finally {
      vi.useRealTimers();
      silent.close();
    }
  });

  it("I5 stores nothing and loses nothing: a retry after it is available again is recorded as new", async () => {
    const body = uploadBody();
    configured(`postgresql://postgres:postgres@127.0.0.1:${await freePort()}/none`);
    expect((await invoke(notification, request(body))).status).toBe(503);
    configured(receiver.database.url);
    expect(await (await invoke(notification, request(body))).json()).toMatchObject({ timesSeen: 1 });
  });

  it("survives a dropped connection between two requests, as after a freeze", async () => {
    expect((await invoke(notification, request())).status).toBe(200);
    await receiver.database.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = current_database()",
    );
    expect((await invoke(notification, request())).status).toBe(200);
  });
});

it("P8 a thousand notifications at once cause about one nudge a second", async () => {
  await sleep(1_100);
  const before = receiver.site.requests.length;
  const startedAt = Date.now();
  await Promise.all(Array.from({ length: 1_000 }, () => invoke(notification, request())));
  const seconds = (Date.now() - startedAt) / 1_000;
  const nudges = receiver.site.requests.slice(before);
  expect(nudges.length).toBeGreaterThanOrEqual(1);
  expect(nudges.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
  expect(nudges[0]).toMatchObject({ method: "POST", path: "/.netlify/functions/deliver-background" });
  expect(nudges[0]?.headers["x-nudge"]).toMatch(/^[0-9a-f]{64}$/);
});
