import { createHash } from "node:crypto";
import { v2 as cloudinary } from "cloudinary";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../netlify/functions/notification.ts";
import { decisionOn } from "./handlers/moderation/bodies.ts";
import { type World, world } from "./handlers/moderation/world.ts";
import { configured } from "./support/environment.ts";
import { invoke } from "./support/invoke.ts";

/**
 * Cloudinary signs API parameters as H(parameters + secret) and notifications as H(body + timestamp + secret). So an endpoint that
 * signs whatever parameters a browser chose, as the widespread sample for the Upload Widget does, signs notifications.
 */
let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());
afterEach(() => vi.unstubAllEnvs());

type Algorithm = "sha1" | "sha256";

/** The SDK's types leave out the last two parameters, which it takes. */
const signRequest: (params: object, secret: string, algorithm: Algorithm, version: number) => string =
  cloudinary.utils.api_sign_request;

/** The sample, word for word: `api_sign_request(req.body.paramsToSign, secret)`. */
function signsAnything(paramsToSign: object, version: number, algorithm: Algorithm): string {
  return signRequest(paramsToSign, here.account.apiSecret, algorithm, version);
}

/** One parameter, whose key and value make a whole body and its timestamp when they are joined by "=". */
function forge(claims: object, version: number, algorithm: Algorithm): Request {
  const timestamp = String(Math.floor(Date.now() / 1_000));
  const key = '{"x":"';
  const value = `",${JSON.stringify(claims).slice(1)}${timestamp}`;
  const signature = signsAnything({ [key]: value }, version, algorithm);
  const body = `${key}=${value}`.slice(0, -timestamp.length);
  expect(JSON.parse(body)).toMatchObject({ x: "=", ...claims }); // Or nothing below would prove anything.
  const rule = createHash(algorithm)
    .update(body + timestamp + here.account.apiSecret)
    .digest("hex");
  expect(signature).toBe(rule);
  return new Request(new URL("/webhooks", here.hookUrl), {
    method: "POST",
    headers: { "x-cld-timestamp": timestamp, "x-cld-signature": signature },
    body,
  });
}

async function recorded(): Promise<unknown[]> {
  return (await here.db.query("select type, secret_name from notifications")).rows;
}

const forgeries = [
  [1, "sha1"],
  [1, "sha256"],
  [2, "sha1"],
  [2, "sha256"],
] as const;

describe.each(forgeries)(
  "a rejection signed by an endpoint for upload signatures, version %i, %s",
  (version, algorithm) => {
    it("is rejected if the receiver has a dedicated webhook secret", async () => {
      const video = here.put();
      configured(here.databaseUrl, {
        CLOUDINARY_URL: here.cloudinaryUrl,
        CLOUDINARY_WEBHOOK_SECRETS: "webhooks:a-Webhook-secret_of-27-char",
      });
      const answer = await invoke(notification, forge(decisionOn(video, "rejected"), version, algorithm));
      expect([answer.status, await answer.json()]).toEqual([
        401,
        { error: { reason: "signature-mismatch" } },
      ]);
      expect(await recorded()).toEqual([]);
    });

    it("is accepted while the API secret verifies, but deletes nothing that Cloudinary does not confirm", async () => {
      const video = here.put();
      const answer = await invoke(notification, forge(decisionOn(video, "rejected"), version, algorithm));
      expect(answer.status).toBe(200);
      expect(await recorded()).toEqual([{ type: "moderation", secret_name: "CLOUDINARY_URL" }]);
      expect(await here.run()).toMatchObject([{ state: "held", last_error: "not-confirmed" }]);
      expect(here.assets).toContain(video);
      expect(here.lines().filter((line) => line.includes("destroy"))).toEqual([]);
    });
  },
);
