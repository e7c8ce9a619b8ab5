import { createHash } from "node:crypto";
import sharp from "sharp";
import notification from "../../../netlify/functions/notification.ts";
import { email } from "../../../src/handlers/email/handler.ts";
import { moderation } from "../../../src/handlers/moderation/handler.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { namedSkus } from "../../../src/handlers/pim/named-skus.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { deliver } from "../../../src/lib/deliveries/deliver.ts";
import { addNewToSearch } from "../../../src/lib/search/add-to-search.ts";
import { type Serving, serve } from "../../../src/local/server.ts";
import { settings } from "../../../src/settings.ts";
import { hexId } from "../../support/bodies.ts";
import { deliverSettings, scripted } from "../../support/deliveries.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";

/** A landscape whose colours and hills are its name's. */
async function painted(path: string): Promise<Response> {
  const name = path.replace(/^.*\/v\d+\//, "");
  const [hue = 0, sun = 0, left = 0, right = 0] = createHash("sha1").update(name).digest();
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240">
    <defs><linearGradient id="sky" x2="0" y2="1"><stop stop-color="hsl(${hue * 1.4} 70% 62%)"/><stop offset="1" stop-color="hsl(${hue * 1.4 + 50} 80% 86%)"/></linearGradient></defs>
    <rect width="320" height="240" fill="url(#sky)"/>
    <circle cx="${40 + sun}" cy="80" r="32" fill="hsl(48 95% 72%)"/>
    <path d="M0 ${150 + left / 8} Q90 ${90 + left / 4} 190 190 T320 ${150 + right / 8} V240 H0Z" fill="hsl(${hue * 1.4 + 180} 35% 42%)"/>
    <path d="M0 210 Q120 ${140 + right / 5} 320 200 V240 H0Z" fill="hsl(${hue * 1.4 + 190} 40% 28%)"/></svg>`;
  // What was uploaded is upright, so that a view that cuts its pictures is seen.
  const upright = path.includes("c_limit") ? { width: 240, height: 320 } : {};
  const image = await sharp(Buffer.from(svg)).resize(upright).png().toBuffer();
  return new Response(Buffer.from(image), { headers: { "content-type": "image/png" } });
}

/** Pictures as Cloudinary would serve them, whatever is asked for. */
export function paintedPictures(): Promise<Serving> {
  return serve({ port: 0, fetch: (request) => painted(new URL(request.url).pathname) });
}

/** Sends notifications to the site at `origin`, about assets whose pictures are at `pictures`. Without a secret, signs with the tests'. */
export function sender(origin: string, pictures: string, secret?: string) {
  async function send(body: object | Uint8Array | string): Promise<string> {
    const response = await invoke(
      notification,
      signedRequest(body, { origin, ...(secret !== undefined && { secret }) }),
    );
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

/** Adds what was recorded to the search, as a worker does: a search adds it too, but rests for a second after one that took long. */
export async function addToSearch(db: Db): Promise<void> {
  await addNewToSearch(db, { settings, skusOf: (one) => namedSkus(one, settings.pim), budgetMs: 10_000 });
}

const budget = { budgetMs: 60_000, handlerTimeoutMs: 10_000, secondLookMs: 0 };

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
