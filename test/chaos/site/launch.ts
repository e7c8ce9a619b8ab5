import type { Build } from "../builds.ts";
import type { ChaosDatabase } from "../database/database.ts";
import { account } from "../outside/world.ts";
import type { Seeded } from "../seeded.ts";
import type { chaosSettings } from "../settings.ts";
import type { Launch } from "./site.ts";

export interface LauncherOptions {
  random: Seeded;
  /** By a name for the timeline. */
  builds: Readonly<Record<string, Build>>;
  settings: ReturnType<typeof chaosSettings>;
  database: Pick<ChaosDatabase, "url">;
  worldUrl: string;
  /** Sweeps query the database whether a wake-up is due or not, as they do every six hours. */
  sweepsLook: () => boolean;
  blobsPort: number;
}

/** Signatures are accepted for two hours, nudges for two minutes: clocks are apart as far as the receiver bears it. */
const offsetsMs = [0, 0, 0, 400, -400, 3_000, -3_000, 45_000, -45_000, 100_000, -100_000] as const;

/** Chooses for each new process a version, settings, a clock and a way to the database. */
export function launcher({
  random,
  builds,
  settings,
  database,
  worldUrl,
  blobsPort,
  sweepsLook,
}: LauncherOptions) {
  const { cloud, apiKey, apiSecret } = account;
  const blobs = `http://127.0.0.1:${blobsPort}`;
  const blobsContext = { siteID: "site", token: "chaos", edgeURL: blobs, uncachedEdgeURL: blobs };
  const [first = "current", ...others] = Object.keys(builds);

  return (name: string, origin: string): Launch => {
    const version = random.chance(0.25) ? random.pick([first, ...others]) : first;
    const chosen = random.pick(["first", "first", "second"] as const);
    const way = random.pick(["direct", "pooled"] as const);
    const clock = random.chance(0.2)
      ? `0,${random.between(500, 20_000)},${random.pick([-60_000, -2_000, 2_000, 60_000])}`
      : `${random.pick(offsetsMs)},0,0`;
    const folder = builds[version]?.get(name);
    if (folder === undefined) throw new Error(`no build of ${name}`);
    return {
      folder,
      traits: `${version}, ${chosen} settings, ${way}, clock ${clock}`,
      env: {
        CHAOS_CLOCK: clock,
        CHAOS_SETTINGS: JSON.stringify({
          ...settings[chosen],
          ...(name === "sweep" && sweepsLook() && { databaseSleeps: false }),
        }),
        DATABASE_URL: database.url(way),
        CLOUDINARY_URL: `cloudinary://${apiKey}:${apiSecret}@${cloud}?upload_prefix=${encodeURIComponent(worldUrl)}`,
        CLOUDINARY_WEBHOOK_SECRETS: `main:${account.hookSecret}#${cloud} next:${account.nextSecret}#${cloud}`,
        SENDGRID_API_KEY: account.sendgridKey,
        SENDGRID_BASE_URL: worldUrl,
        FROM_VERIFIED_SENDER: account.from,
        TO_RECIPIENTS: account.to.join(","),
        PIM_WEBHOOK_URL: `${worldUrl}/pim`,
        PIM_WEBHOOK_SECRET: `whsec_${account.pimSecret}`,
        NETLIFY_BLOBS_CONTEXT: Buffer.from(JSON.stringify(blobsContext)).toString("base64"),
        // Allows the product system to be on this machine. Hooks send nothing to it, and would wait longer for the database.
        ...(name !== "notification" && { NETLIFY_DEV: "true", URL: origin }),
      },
    };
  };
}
