import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { type LocalCloudinary, localCloudinary } from "../../../src/local/cloudinary/local-cloudinary.ts";
import { type Fetch, serve } from "../../../src/local/server.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { carryOutDecisions, sendEverythingTo } from "../../support/moderation.ts";
import { testSecret } from "../../support/signed-request.ts";
import type { ConsoleSite } from "../console-site.ts";
import { operatorToken, vicToken } from "../tokens.ts";

const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };

export interface ModerationScene {
  database: TestDatabase;
  cloudinary: LocalCloudinary;
  site: ConsoleSite;
  /** Uploads a picture that waits for a moderator, and delivers what is notified. */
  upload(publicId: string, more?: object): Promise<void>;
  /** Delivers to the moderation handler, whose calls Cloudinary notifies in its turn, until nothing is left. */
  carryOut(): Promise<void>;
  close(): Promise<void>;
}

/** A Cloudinary whose notifications reach the console's site, with Ada who acts and Vic who looks. */
export async function moderationScene(dist: string): Promise<ModerationScene> {
  const database = await realDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), "board-page-"));
  let fetch: Fetch = async () => new Response(null, { status: 503 });
  const server = await serve({ port: 0, fetch: (request) => fetch(request) });
  const cloudinary = await localCloudinary({
    ...account,
    dataDir,
    baseUrl: server.url,
    delayMs: 5,
    retryDelaysMs: [],
  });
  fetch = async (request) => (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 });
  // The SDK chooses between http and https when it is loaded, by the environment.
  configured(database.url, {
    OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}`,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@demo?upload_prefix=${encodeURIComponent(server.url)}`,
  });
  const { consoleSite } = await import("../console-site.ts");
  const site = await consoleSite(dist);
  sendEverythingTo(`${site.origin}/webhooks`, cloudinary);

  async function carryOut(): Promise<void> {
    await carryOutDecisions(database.db, account, cloudinary);
  }

  return {
    database,
    cloudinary,
    site,
    carryOut,
    async upload(publicId, more = {}) {
      const { v2: sdk } = await import("cloudinary");
      const picture = await portrait(publicId);
      await sdk.uploader.upload(`data:image/png;base64,${picture.toString("base64")}`, {
        public_id: publicId,
        moderation: "manual",
        ...more,
      });
      await carryOut();
    },
    async close() {
      await Promise.all([site.close(), cloudinary.close(), server.close()]);
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** An upright picture, transparent at its edges, so that a view that cuts it or hides what shows through is seen. */
async function portrait(name: string): Promise<Buffer> {
  const hue = [...name].reduce((sum, letter) => sum + letter.charCodeAt(0) * 37, 0) % 360;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="480" height="640">
    <ellipse cx="240" cy="300" rx="220" ry="270" fill="hsl(${hue} 60% 88%)"/>
    <circle cx="240" cy="250" r="110" fill="hsl(${(hue + 20) % 360} 45% 62%)"/>
    <path d="M70 620 q0 -210 170 -210 t170 210Z" fill="hsl(${(hue + 200) % 360} 45% 45%)"/>
    <path d="M130 240 q0 -140 110 -140 t110 140 q-50 -70 -110 -70 t-110 70Z" fill="hsl(${(hue + 260) % 360} 35% 30%)"/></svg>`;
  return await sharp(Buffer.from(svg)).png().toBuffer();
}
