import { assetNameOf } from "../../lib/cloudinary/asset-name.ts";
import type { Json } from "../../lib/deliveries/handler.ts";
import { fetchFace, fetchPicture, type Picture, PictureUnreadable } from "./picture.ts";
import {
  type Face,
  finishPicture,
  noteFace,
  noteFaces,
  personOf,
  pictureOf,
  releasePicture,
  tagsAdded,
  updateAddress,
  wantTags,
} from "./pictures.ts";
import type { Box, DetectedFace } from "./rekognition.ts";
import { RekognitionError } from "./rekognition-error.ts";
import type { IdentifiedAsset, Work } from "./train.ts";

type Outcome = { [key: string]: Json };

/**
 * Looks up the faces of a picture and adds the names as tags. A version is looked at once; an interrupted attempt continues with the
 * faces that are left. `again`: the training set has changed, so all of them are looked up once more.
 */
export async function recognise(asset: IdentifiedAsset, work: Work, again = false): Promise<Outcome> {
  const { db } = work;
  const known = await pictureOf(db, asset.asset_id);
  const isSame = known !== null && known.version === asset.version;
  if (isSame && known.state !== "pending" && !again) {
    await updateAddress(db, asset);
    return { outcome: "looked-at-before" };
  }
  try {
    return await lookAt(asset, work, isSame && known.state === "pending" && !again ? known.faces : null);
  } catch (error) {
    const problem =
      error instanceof PictureUnreadable
        ? error.reason
        : error instanceof RekognitionError && error.isAboutPicture
          ? "not-accepted"
          : null;
    if (problem === null) throw error;
    // It may have been deleted meanwhile, and the notification about that may be done.
    if (problem === "not-delivered" && (await work.api.find({ assetId: asset.asset_id })) === null) {
      await releasePicture(db, asset.asset_id);
      return { outcome: "gone" };
    }
    await noteFaces(db, asset, { problem });
    return { outcome: "unreadable", problem };
  }
}

async function lookAt(asset: IdentifiedAsset, work: Work, left: Face[] | null): Promise<Outcome> {
  const { db, aws, api, settings } = work;
  const pending = left?.some(({ outcome }) => outcome === "pending") ?? true;
  const picture = pending ? await fetchPicture(asset, work) : null;
  let faces = left;
  if (faces === null && picture) {
    const detected = await aws.detect(picture.bytes);
    faces = detected.map((face, place) => firstLook(face, place, picture, work));
    await noteFaces(db, asset, { faces });
  }
  const looked = faces ?? [];
  for (const [place, face] of looked.entries()) {
    if (face.outcome !== "pending" || !picture) continue;
    Object.assign(face, await lookUp(asset, { picture, face, isOnly: looked.length === 1, place }, work));
    if (!(await noteFace(db, asset, { place, face }))) return { outcome: "overtaken" };
  }
  const people = [...new Set(looked.flatMap(({ person }) => person ?? []))];
  const tags = await wantTags(db, asset, { people, personPrefix: settings.personPrefix });
  if (tags.length > 0) {
    await api.addTags(assetNameOf(asset), tags);
    await tagsAdded(db, asset, tags);
  }
  await finishPicture(db, asset);
  return {
    outcome: "looked-at",
    faces: looked.length,
    recognised: people.length,
    notRecognised: looked.filter(({ outcome }) => outcome !== "recognised").length,
    tagsAdded: tags.length,
  };
}

/** Whether a face is worth a search. */
function firstLook(
  { box, sharpness }: DetectedFace,
  place: number,
  { width }: Picture,
  { settings }: Work,
): Face {
  const outcome =
    box.width * width < settings.minFaceWidth
      ? "too-small"
      : sharpness < settings.minSharpness
        ? "not-sharp"
        : place >= settings.maxFaces
          ? "beyond-limit"
          : "pending";
  return { box, sharpness, outcome, person: null, similarity: null };
}

async function lookUp(
  asset: IdentifiedAsset,
  about: { picture: Picture; face: Face; isOnly: boolean; place: number },
  work: Work,
): Promise<Pick<Face, "outcome" | "person" | "similarity">> {
  const { picture, face, isOnly, place } = about;
  const nobody = (outcome: Face["outcome"]) => ({ outcome, person: null, similarity: null });
  // Rekognition looks for the largest face only: the first one is found in the whole picture, the others are cut out.
  const isWhole = isOnly || (picture.isRestricted && place === 0);
  const crop = isWhole
    ? { bytes: picture.bytes, box: face.box }
    : await fetchFace(asset, { picture, box: face.box }, work);
  if (!crop) return nobody("restricted");
  const found = await work.aws.search(crop.bytes, work.settings.minSimilarity);
  if (!found || (found.box && !isInside(found.box, crop.box))) return nobody("unclear");
  const person = found.userId === null ? null : await personOf(work.db, found.userId);
  return person === null
    ? nobody("unknown")
    : { outcome: "recognised", person, similarity: found.similarity };
}

/** Whether the centre of the face that was searched is in the face that was meant. */
function isInside(searched: Box, meant: Box): boolean {
  const x = searched.left + searched.width / 2;
  const y = searched.top + searched.height / 2;
  return x >= meant.left && x <= meant.left + meant.width && y >= meant.top && y <= meant.top + meant.height;
}
