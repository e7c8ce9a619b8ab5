import { afterAll, beforeAll, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

it("a hook answers 200 on Node 20, which has no Promise.withResolvers", async () => {
  configured(database.url);
  const own = Object.getOwnPropertyDescriptor(Promise, "withResolvers");
  Reflect.deleteProperty(Promise, "withResolvers");
  try {
    expect((await invoke(notification, signedRequest(uploadBody()))).status).toBe(200);
  } finally {
    if (own) Object.defineProperty(Promise, "withResolvers", own);
  }
});
