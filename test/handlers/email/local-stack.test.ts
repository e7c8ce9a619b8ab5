import { afterAll, beforeAll, expect, it } from "vitest";
import { compose } from "../../../src/handlers/email/compose/compose.ts";
import { composeDigest } from "../../../src/handlers/email/compose/digest.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { productPicture, video } from "../../../src/local/samples.ts";
import {
  apiKey,
  apiSecret,
  cloudName,
  type LocalStack,
  localStack,
} from "../../local/support/local-stack.ts";
import { composing } from "./bodies.ts";

let stack: LocalStack;
beforeAll(async () => {
  stack = await localStack();
});
afterAll(() => stack.close());

const account = { cloudName, apiKey, apiSecret };

it("F9 F10 the pictures in mails can be loaded by mail clients", async () => {
  const picture = await productPicture();
  const notification_url = `${stack.hook.url}/call`;
  const asynchronous = { eager_async: true, eager_notification_url: notification_url };
  await stack.upload(picture, {
    public_id: "products/VASE-1/main",
    eager: [{ width: 300, height: 200, crop: "fill" }],
    ...asynchronous,
  });
  await stack.upload(await video(), {
    public_id: "trailers/harbour",
    resource_type: "video",
    eager: [{ width: 160, fetch_format: "mp4" }],
    ...asynchronous,
  });
  await stack.upload(picture, { public_id: "reviews/knight", moderation: "manual", notification_url });
  await stack.upload(picture, {
    public_id: "yellow shoes",
    type: "authenticated",
    background_removal: "cloudinary_ai",
    notification_url,
  });

  const items = (await stack.arrived()).map(({ json, body }) => {
    const parsed = parse(Buffer.from(body), null);
    if (!parsed.ok) throw new Error(`the body does not fit its schema: ${body}`);
    return {
      notificationId: "n",
      cloud: null,
      receivedAt: new Date(0),
      content: parsed.notification,
      type: json.notification_type,
      publicId: null,
    };
  });
  const cloudOf = () => ({ cloudinary: account, own: { cloudName, hosts: [] }, shownName: null });
  const options = { siteUrl: null, cloudOf, timeZone: "UTC" };
  const mails = items.map(({ content }) =>
    compose(
      {
        id: "n",
        receivedAt: new Date(0),
        signedAt: null,
        source: "webhook",
        cloud: null,
        byPublicHook: false,
        content,
      },
      { ...options, ...composing(false), subject: null },
    ),
  );
  expect(mails.map((mail) => mail?.subject).sort()).toEqual([
    "1 format of products/VASE-1/main is ready",
    "1 format of trailers/harbour is ready",
    "The background of yellow shoes was removed",
    "knight was uploaded and awaits a decision",
    "yellow shoes was uploaded",
  ]);
  const pages = [...mails.map((mail) => mail?.html ?? ""), composeDigest(items, options).html];
  const shown = pages.map((html) =>
    [...html.matchAll(/<img [^>]*src="([^"]+)"/g)].map(([, src = ""]) => src),
  );
  expect(shown.map((sources) => sources.length)).toEqual([1, 1, 1, 1, 1, 4]);
  for (const src of shown.flat()) {
    const response = await fetch(src.replaceAll("&#38;", "&"));
    expect([src, response.status, response.headers.get("content-type")]).toEqual([src, 200, "image/jpeg"]);
  }
});
