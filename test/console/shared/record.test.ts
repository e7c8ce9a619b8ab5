import { afterAll, beforeAll, expect, it, vi } from "vitest";
import consoleApi from "../../../netlify/functions/console-api.ts";
import notification from "../../../netlify/functions/notification.ts";
import { outcomeOf } from "../../../src/console/shared/outcome.ts";
import { fullRecordSchema } from "../../../src/console/shared/record.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

const token = "3f1e9d7c4b5a60828796a5b4c3d2e1f0";
const origin = "https://hooks.example.com";
let database: TestDatabase;

beforeAll(async () => {
  database = await realDatabase();
  configured(database.url, { OPERATOR_TOKEN: token });
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

const get = (path: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) =>
  invoke(consoleApi, new Request(`${origin}${path}`, { headers }));

/** Sends bytes through the hook, and reads their record. */
async function recorded(body: Uint8Array) {
  const { id } = (await (await invoke(notification, signedRequest(body))).json()) as { id: string };
  const response = await get(`/api/notifications/${id}`);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return fullRecordSchema.parse(await response.json());
}

it("shows the notification, its verification and its deliveries", async () => {
  const body =
    '{"notification_type":"delete","request_id":"r-1","resources":[{"public_id":"koi","version":17}]}';
  expect(await recorded(Buffer.from(body))).toMatchObject({
    type: "delete",
    publicId: "koi",
    version: 17,
    requestId: "r-1",
    source: "webhook",
    timesSeen: 1,
    verdict: { secretName: "CLOUDINARY_URL", algorithm: "sha1" },
    headers: { "user-agent": "Cloudinary", "content-type": "application/json" },
    body: { encoding: "text", bytes: Buffer.byteLength(body), content: body },
    deliveries: [{ handler: "pim", state: "due", attempts: [], lastError: null, result: null }],
  });
});

it.each([
  ["bytes that are not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x00, 0x7d])],
  ["text that JSON would write five times as long", Buffer.alloc(300_000, 1)],
])("%s come as base64, unchanged", async (_name, bytes) => {
  const { type, body } = await recorded(bytes);
  expect(type).toBe("unreadable");
  expect(body).toMatchObject({ encoding: "base64", bytes: bytes.length });
  expect(Buffer.from(body?.content ?? "", "base64").equals(bytes)).toBe(true);
});

it("a body of 4 MB stays below the response limit of functions (6 MB)", async () => {
  const start = '{"notification_type":"all","request_id":"r-big","note":"';
  const bytes = Buffer.from(`${start}${'\\u0001\\"'.repeat(520_000)}"}`);
  expect(bytes.length).toBeGreaterThan(4_000_000);
  const { id } = (await (await invoke(notification, signedRequest(bytes))).json()) as { id: string };
  const answer = await (await get(`/api/notifications/${id}`)).arrayBuffer();
  expect(answer.byteLength).toBeLessThan(6 * 1024 * 1024);
});

it("O1: shows nothing without a valid token, nor when none is configured", async () => {
  const { id } = await recorded(Buffer.from('{"notification_type":"all","request_id":"r-2"}'));
  const path = `/api/notifications/${id}`;
  expect((await get(path, {})).status).toBe(401);
  const wrong = await get(path, { authorization: `Bearer ${token.slice(0, -1)}x` });
  expect(wrong.status).toBe(401);
  expect(JSON.stringify(await wrong.json())).not.toContain("r-2");

  configured(database.url);
  const closed = await get(path);
  expect(closed.status).toBe(503);
  expect(JSON.stringify(await closed.json())).toContain("OPERATOR_TOKEN");
  const graces = `grace-${token}`;
  configured(database.url, { OPERATOR_TOKEN: `ada:${token} grace:${graces}` });
  expect((await get(path, { authorization: `Bearer ${graces}` })).status).toBe(200);
  expect((await get(path, { authorization: `Bearer ada:${token}` })).status).toBe(401);
});

it("an unknown record returns 404 as JSON", async () => {
  configured(database.url, { OPERATOR_TOKEN: token });
  const unknown = await get("/api/notifications/00000000-0000-4000-8000-000000000000");
  expect([unknown.status, await unknown.json()]).toEqual([
    404,
    { error: { reason: "no-such-notification" } },
  ]);
  expect((await get("/api/nothing-here")).status).toBe(404);
});

it("an e-mail that an event of the provider confirmed, after its answer was lost, is sent", () => {
  const delivery = { handler: "email", lastError: null, dueAt: "2026-01-01T00:00:00Z", attempts: 1 };
  const titleOf = (accepted: string[]) =>
    outcomeOf([{ ...delivery, state: "done", result: { accepted } }])?.title;
  expect([[], ["t…@x.example"], ["a…@x.example", "b…@x.example"]].map(titleOf)).toEqual([
    "E-mail sent",
    "E-mail sent",
    "E-mail sent to 2 people",
  ]);
});
