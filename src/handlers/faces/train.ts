import type { CloudinaryApi, FoundAsset } from "../../lib/cloudinary/api.ts";
import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import type { Db } from "../../lib/database/pool.ts";
import type { Json } from "../../lib/deliveries/handler.ts";
import type { FacesSettings } from "../../settings.types.ts";
import { fetchPicture, type Means, PictureUnreadable } from "./picture.ts";
import type { IndexedFace, Rekognition } from "./rekognition.ts";
import { RekognitionError } from "./rekognition-error.ts";
import {
  beginIndexing,
  type ClaimedTraining,
  claimTraining,
  finishTraining,
  isUserWanted,
  keepFace,
  rejectTraining,
  releasePeople,
  type Training,
} from "./trainings.ts";

export interface Work extends Means {
  db: Db;
  api: CloudinaryApi;
  aws: Rekognition;
  settings: FacesSettings;
}

/** With the id that Cloudinary gave it. */
export type IdentifiedAsset = FoundAsset & { asset_id: string };

type Outcome = { [key: string]: Json };

/** The row was changed by a later notification or a request to forget: this attempt has nothing more to do. */
const overtaken: Outcome = { outcome: "overtaken" };

/** Makes an asset a training picture of one person. Every step can be repeated; none is carried out twice. */
export async function train(asset: IdentifiedAsset, name: string, work: Work): Promise<Outcome> {
  const { db, settings } = work;
  const label = `${settings.labelPrefix}${name}`;
  const training = await claimTraining(db, asset, { name, label, idPrefix: settings.idPrefix });
  if (training === null) return { outcome: "being-forgotten" };
  if (training.replaced) await releasePeople(db);
  if (training.state !== "pending") return { outcome: training.state };
  try {
    return await index(asset, training, work);
  } catch (error) {
    const reason =
      error instanceof PictureUnreadable
        ? error.reason
        : error instanceof RekognitionError && error.isAboutPicture
          ? "not-accepted"
          : null;
    if (reason === null) throw error;
    return await rejected(training, reason, work);
  }
}

async function index(asset: IdentifiedAsset, training: ClaimedTraining, work: Work): Promise<Outcome> {
  const { db, aws, api, settings } = work;
  const { userId } = training;
  if (userId === null) return overtaken;
  const face = await indexedFace(asset, training, work);
  if (typeof face === "string")
    return face === "overtaken" ? overtaken : await rejected(training, face, work);
  await aws.createUser(userId);
  if (!(await isUserWanted(db, userId))) return overtaken;
  const failure = await aws.associate(userId, face.faceId);
  if (failure === "LOW_MATCH_CONFIDENCE") return await rejected(training, "does-not-match", work);
  if (failure !== null)
    throw new RekognitionError("AssociateFaces", {
      code: failure,
      status: null,
      message: "the face was not associated with its person",
    });
  await api.addTags(assetNameOf(asset), [`${settings.idPrefix}${face.faceId}`]);
  await finishTraining(db, training);
  return { outcome: "indexed", face: face.faceId };
}

/** The only face of the picture, indexed; or why it is not. */
async function indexedFace(
  asset: IdentifiedAsset,
  training: ClaimedTraining,
  work: Work,
): Promise<IndexedFace | string> {
  const { db, aws } = work;
  const known = training.faceId !== null ? { faceId: training.faceId, box: null } : null;
  if (known) return known;
  // The answer of an earlier attempt may have been lost: IndexFaces takes no client token, so the face is looked up by its external id.
  const own = training.isBegun ? await aws.findFace(training.externalId) : null;
  if (own) return (await keepFace(db, training, own)) ? own : "overtaken";
  const picture = await fetchPicture(asset, work);
  const detected = await aws.detect(picture.bytes);
  if (detected.length !== 1) return detected.length === 0 ? "no-face" : "several-faces";
  if (!(await beginIndexing(db, training))) return "overtaken";
  const { face, reasons } = await aws.index(picture.bytes, training.externalId);
  if (face === null) return (reasons[0] ?? "no-face").toLowerCase().replaceAll("_", "-");
  return (await keepFace(db, training, face)) ? face : "overtaken";
}

async function rejected(training: Training, problem: string, { db }: Work): Promise<Outcome> {
  await rejectTraining(db, training, problem);
  return { outcome: "rejected", problem };
}
