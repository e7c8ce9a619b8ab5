import { createHash } from "node:crypto";
import sharp from "sharp";
import notification from "../../netlify/functions/notification.ts";
import { email } from "../../src/handlers/email/handler.ts";
import { moderation } from "../../src/handlers/moderation/handler.ts";
import { pim } from "../../src/handlers/pim/handler.ts";
import type { Db } from "../../src/lib/db.ts";
import { deliver } from "../../src/lib/deliver.ts";
import { type Serving, serve } from "../../src/local/server.ts";
import { hexId } from "../support/bodies.ts";
import { deliverSettings, scripted } from "../support/deliveries.ts";
import { invoke } from "../support/invoke.ts";
import { signedRequest } from "../support/signed-request.ts";

/** A picture whose colour is its name's. */
async function painted(path: string): Promise<Response> {
  const [red = 0, green = 0, blue = 0] = createHash("sha1").update(path.replace(/.*\//, "")).digest();
  const image = sharp({
    create: { width: 160, height: 120, channels: 3, background: { r: red, g: green, b: blue } },
  });
  return new Response(Buffer.from(await image.png().toBuffer()), {
    headers: { "content-type": "image/png" },
  });
}

/** Pictures as Cloudinary would serve them, whatever is asked for. */
export function paintedPictures(): Promise<Serving> {
  return serve({ port: 0, fetch: (request) => painted(new URL(request.url).pathname) });
}

/** Sends notifications to the site at `origin`, about assets whose pictures are at `pictures`. */
export function sender(origin: string, pictures: string) {
  async function send(body: object | Uint8Array | string): Promise<string> {
    const response = await invoke(notification, signedRequest(body, { origin }));
    const { id } = (await response.json()) as { id: string };
    return id;
  }
  const url = (publicId: string, kind = "image") =>
    `${pictures}/demo/${kind}/upload/v1760000123/${publicId}.png`;
  const named = (type: string, publicId: string, more: object = {}) => ({
    notification_type: type,
    timestamp: new Date().toISOString(),
    request_id: hexId(),
    asset_id: createHash("md5").update(publicId).digest("hex"),
    public_id: publicId,
    version: 1_760_000_123,
    resource_type: "image",
    type: "upload",
    secure_url: url(publicId),
    ...more,
  });
  const upload = (publicId: string, more: object = {}) =>
    named("upload", publicId, { width: 800, height: 600, format: "png", bytes: 48_211, tags: [], ...more });
  return {
    send,
    url,
    upload,
    named,
    eager: (publicId: string, transformation: string) =>
      named("eager", publicId, {
        batch_id: hexId(),
        eager: [
          {
            transformation,
            width: 400,
            height: 300,
            secure_url: `${pictures}/demo/image/upload/${transformation}/v1760000123/${publicId}.png`,
          },
        ],
      }),
    pending: (publicId: string) =>
      upload(publicId, {
        moderation: [{ kind: "manual", status: "pending", updated_at: new Date().toISOString() }],
      }),
  };
}

const budget = { budgetMs: 20_000, handlerTimeoutMs: 5_000, secondLookMs: 0 };

/** Delivers what is due as production does, without accounts: mails are skipped, decisions held. */
export async function deliverAll(db: Db): Promise<void> {
  await deliver({
    db,
    handlers: [email(null), pim(), moderation(null)],
    settings: deliverSettings(),
    ...budget,
  });
}

/** Ends what is due to these handlers as dead. */
export async function kill(db: Db, names: readonly string[], error: string): Promise<void> {
  const handlers = names.map((name) => scripted(name, () => ({ kind: "give-up", error })));
  await deliver({ db, handlers, settings: deliverSettings(), ...budget });
}

/** Ends what is due to these handlers as held. */
export async function hold(db: Db, names: readonly string[], reason: string): Promise<void> {
  const handlers = names.map((name) => scripted(name, () => ({ kind: "hold", reason })));
  await deliver({ db, handlers, settings: deliverSettings(), ...budget });
}
