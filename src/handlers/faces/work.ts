import type { CloudinaryAccount } from "../../config.types.ts";
import { type AssetName, type CloudinaryApi, cloudinaryApi, resourceType } from "../../lib/cloudinary/api.ts";
import { CloudinaryError } from "../../lib/cloudinary/errors.ts";
import { settlementOf } from "../../lib/cloudinary/settlement.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { Handler, Json, RecordedNotification, Settlement } from "../../lib/deliveries/handler.ts";
import { cloudInId } from "../../lib/shared/asset-prefix.ts";
import { isBelowFolder } from "../../lib/shared/folders.ts";
import type { RekognitionVariables } from "../../lib/shared/rekognition-variables.ts";
import type { FacesSettings } from "../../settings.types.ts";
import { workHandler } from "./handler.ts";
import { PictureNotDelivered } from "./picture.ts";
import { noRerun, releasePicture } from "./pictures.ts";
import { problemsOf, purposeOf } from "./purpose.ts";
import { recognise } from "./recognise.ts";
import { type Rekognition, rekognition } from "./rekognition.ts";
import { RekognitionError, settlementOfRekognition } from "./rekognition-error.ts";
import { type IdentifiedAsset, train, type Work } from "./train.ts";
import { noteNobodys, releaseTraining, trainingOf } from "./trainings.ts";

export interface FacesAccounts {
  connection: RekognitionVariables;
  /** One for each cloud, the first cloud's first. */
  accounts: readonly CloudinaryAccount[];
}

/** The client of an asset's cloud. */
export interface CloudClient {
  account: CloudinaryAccount;
  api: CloudinaryApi;
}

/** What calls need. */
export interface Clients {
  /** By the id of the asset. Throws without credentials for its cloud. */
  of(assetId: string): CloudClient;
  aws: Rekognition;
}

/** The clients; or the problems that a person has to mend first. */
export function clientsOf(
  { connection, accounts }: FacesAccounts,
  settings: FacesSettings,
): Clients | string {
  const problems = [
    ...connection.problems,
    ...problemsOf(settings),
    ...(accounts.length === 0 ? ["CLOUDINARY_URL is missing"] : []),
  ];
  if (problems.length > 0) return problems.join("; ");
  const clouds = accounts.map((account) => ({ account, api: cloudinaryApi(account) }));
  return {
    aws: rekognition(connection),
    of(assetId) {
      const cloud = cloudInId(assetId);
      const found =
        cloud === null ? clouds[0] : clouds.find(({ account: { cloudName } }) => cloudName === cloud);
      if (found) return found;
      throw new CloudinaryError(`there are no credentials for the cloud ${cloud}`, { code: 401 });
    },
  };
}

/** Brings one asset, the subject of the delivery, up to date: a training picture, a picture to look at, or neither. */
export function facesRekognition(accounts: FacesAccounts): Handler {
  return {
    name: workHandler,
    async handle(notification, { subject, db, settings, signal }) {
      if (subject === null) return { kind: "skip", reason: "no-asset" };
      const clients = clientsOf(accounts, settings.faces);
      if (typeof clients === "string") return { kind: "give-up", error: clients };
      try {
        const { account, api } = clients.of(subject);
        const work: Work = {
          db,
          signal,
          settings: settings.faces,
          account,
          api: api.within(signal),
          aws: clients.aws.within(signal),
        };
        const asset = await currentAsset(subject, notification, work);
        const byVisitor = await isVisitors(subject, asset, db, settings.pim.untrusted);
        const result = byVisitor
          ? { outcome: "uploaded-by-visitor" }
          : await bringUpToDate(subject, asset, work);
        return { kind: "done", result: { asset: subject, ...result } };
      } catch (error) {
        return settlementOfError(error);
      }
    },
  };
}

export function settlementOfError(error: unknown): Settlement {
  if (error instanceof PictureNotDelivered) return { kind: "retry", error: error.message };
  if (error instanceof RekognitionError) return settlementOfRekognition(error);
  if (error instanceof CloudinaryError) return settlementOf(error);
  throw error;
}

/** `again`: looks at the faces once more. */
export async function bringUpToDate(
  assetId: string,
  asset: IdentifiedAsset | null,
  work: Work,
  again = false,
): Promise<{ [key: string]: Json }> {
  const { db, settings } = work;
  const purpose = asset === null ? { kind: "none" as const } : purposeOf(traitsOf(asset), settings);
  if (asset !== null && purpose.kind === "training") {
    await releasePicture(db, assetId);
    return { as: "training", ...(await train(asset, purpose.name, work)) };
  }
  const training = await trainingOf(db, assetId);
  if (asset !== null && purpose.kind === "no-training") {
    const left = { problem: purpose.problem, version: asset.version };
    if (training) await releaseTraining(db, assetId, { left, idPrefix: settings.idPrefix });
    else await noteNobodys(db, asset, purpose.problem);
    return { as: "training", outcome: "rejected", problem: purpose.problem };
  }
  if (training)
    await releaseTraining(db, assetId, { left: null, idPrefix: asset === null ? null : settings.idPrefix });
  if (asset !== null && purpose.kind === "recognition")
    return { as: "recognition", ...(await recognise(asset, work, again)) };
  // Its tags stay: they are the team's.
  await (asset === null ? releasePicture(db, assetId) : noRerun(db, assetId));
  return { as: "none", outcome: asset === null ? "gone" : "not-in-these-folders" };
}

/** The asset as it is now, whatever was notified and in which order; null if it is gone. */
export async function currentAsset(
  assetId: string,
  notification: RecordedNotification | null,
  { api, db }: Pick<Work, "api" | "db">,
): Promise<IdentifiedAsset | null> {
  for (const name of await namesOf(assetId, notification, db)) {
    const seen = await api.look(name);
    // Its name may be another asset's by now.
    if (seen?.asset_id !== assetId) continue;
    const { public_id, version, tags } = seen;
    // Without all that is needed, the Admin API is asked.
    if (public_id === undefined || version === undefined || !tags) continue;
    return {
      ...seen,
      asset_id: assetId,
      public_id,
      version,
      resource_type: seen.resource_type ?? name.resourceType,
      type: seen.type ?? name.type,
    };
  }
  const found = await api.find({ assetId });
  return found === null ? null : { ...found, asset_id: assetId };
}

async function namesOf(
  assetId: string,
  notification: RecordedNotification | null,
  db: Db,
): Promise<AssetName[]> {
  const asset = notification?.content.assets.find((one) => one.asset_id === assetId);
  const isDeletion = ["delete", "delete_by_token"].includes(notification?.content.type ?? "");
  if (isDeletion) return []; // It is probably gone, and one look by its id says so.
  const kind = resourceType.safeParse(asset?.resource_type);
  if (asset?.public_id && asset.type && kind.success)
    return [{ publicId: asset.public_id, resourceType: kind.data, type: asset.type }];
  const { rows } = await db.query<{
    publicId: string;
    resourceType: AssetName["resourceType"];
    type: string;
  }>(
    `select public_id as "publicId", resource_type as "resourceType", delivery_type as type from face_pictures where asset_id = $1
     union select public_id, resource_type, delivery_type from face_trainings where asset_id = $1`,
    [assetId],
  );
  return rows;
}

export function traitsOf(asset: IdentifiedAsset) {
  return {
    publicId: asset.public_id,
    assetFolder: asset.asset_folder ?? asset.folder ?? null,
    tags: asset.tags ?? [],
    resourceType: asset.resource_type,
  };
}

/** What a visitor uploaded trains nobody, and nobody is looked for in it. */
async function isVisitors(
  assetId: string,
  asset: IdentifiedAsset | null,
  db: Db,
  untrusted: readonly string[],
): Promise<boolean> {
  if (asset === null) return false;
  const names = [asset.asset_folder ?? asset.folder ?? "", asset.public_id];
  if (
    isBelowFolder(
      names.map((name) => `${name}/`),
      untrusted,
    )
  )
    return true;
  const { rows } = await db.query(
    "select from notifications where asset_id = $1 and type = 'upload' and by_public_hook limit 1",
    [assetId],
  );
  return rows.length > 0;
}
