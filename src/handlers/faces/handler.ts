import { perCloud } from "../../lib/cloudinary/accounts.ts";
import { belongsToAccount, deliveryUrls } from "../../lib/cloudinary/belongs-to-account.ts";
import type { Db } from "../../lib/database/pool.ts";
import { defineHandler } from "../../lib/deliveries/define-handler.ts";
import type { Follow, Handler, RecordedNotification } from "../../lib/deliveries/handler.ts";
import type { Asset } from "../../lib/notifications/notification.ts";
import type { RekognitionVariables } from "../../lib/shared/rekognition-variables.ts";
import type { FacesSettings } from "../../settings.types.ts";
import { areAboutTraining, purposeOf } from "./purpose.ts";

/** The handler that does the work; it runs in a function of its own, because it needs the AWS SDK. */
export const workHandler = "faces:rekognition";

export const facesHandler = defineHandler({
  name: "faces",
  connect: ({ config }) => perCloud(config, ({ cloudName }) => faces(config.faces, { cloudName })),
});

/**
 * Finds the assets in a notification that are about faces, and plans one delivery to `faces:rekognition` for each. Reads only the
 * database, so that other notifications cost nothing. `connection` null: off.
 */
export function faces(connection: RekognitionVariables | null, own: { cloudName: string | null }): Handler {
  return {
    name: "faces",
    async handle(notification, { db, settings }) {
      if (connection === null) return { kind: "skip", reason: "faces-off" };
      const { content, cloud } = notification;
      const hosts = settings.moderation.ownHosts;
      if (!belongsToAccount({ cloud, urls: deliveryUrls(content) }, { ...own, hosts }))
        return { kind: "skip", reason: "other-cloud" };
      const assets = content.assets.filter((asset) => asset.asset_id !== undefined);
      const known = await knownAmong(db, assets);
      const about = assets.filter((asset) => isAbout(asset, notification, settings.faces, known));
      if (about.length === 0) return { kind: "skip", reason: "not-about-faces" };
      const follow: Follow[] = [...new Set(about.map((asset) => asset.asset_id ?? ""))].map((subject) => ({
        handler: workHandler,
        subject,
      }));
      return { kind: "done", result: { assets: follow.length }, follow };
    },
  };
}

/** While the handler is off, its deliveries that are still due end. */
export const facesOff: Handler = {
  name: workHandler,
  handle: async () => ({ kind: "skip", reason: "faces-off" }),
};

/** Whether an asset may have become, or ceased to be, a training picture or a picture to look at. The worker reads what it is now. */
function isAbout(
  asset: Asset,
  { content }: RecordedNotification,
  settings: FacesSettings,
  known: ReadonlySet<string>,
): boolean {
  switch (content.type) {
    case "resource_tags_changed":
      return content.changes.some(
        (change) =>
          change.asset.asset_id === asset.asset_id &&
          areAboutTraining([...change.added, ...change.removed], settings),
      );
    case "upload":
    case "rename":
    case "move":
    case "restore_asset_version":
      return known.has(asset.asset_id ?? "") || mayMatter(asset, settings);
    case "delete":
    case "delete_by_token":
      return known.has(asset.asset_id ?? "");
    default:
      return false;
  }
}

function mayMatter(asset: Asset, settings: FacesSettings): boolean {
  const traits = {
    publicId: asset.public_id ?? "",
    assetFolder: asset.asset_folder ?? null,
    tags: asset.tags ?? [],
    resourceType: asset.resource_type ?? "image",
  };
  return purposeOf(traits, settings).kind !== "none";
}

async function knownAmong(db: Db, assets: readonly Asset[]): Promise<ReadonlySet<string>> {
  const ids = assets.map(({ asset_id }) => asset_id ?? "");
  if (ids.length === 0) return new Set();
  const { rows } = await db.query<{ id: string }>(
    `select asset_id as id from face_trainings where asset_id = any ($1::text[])
     union select asset_id from face_pictures where asset_id = any ($1::text[])`,
    [ids],
  );
  return new Set(rows.map(({ id }) => id));
}
