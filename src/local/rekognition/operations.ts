import { z } from "zod";
import { type Collection, type Collections, indexFaces, type StoredFace } from "./collections.ts";
import { invalidParameter, notFound, RekognitionError } from "./errors.ts";
import { type FoundFace, findFaces } from "./find-faces.ts";
import { readImage } from "./image.ts";

const id = z.string().regex(/^[a-zA-Z0-9_.\-:]+$/);
const CollectionId = id.max(255);
const UserId = id.max(128);
const FaceIds = z
  .array(z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/))
  .min(1);
const ClientRequestToken = z
  .string()
  .regex(/^[a-zA-Z0-9-_]+$/)
  .min(1)
  .max(64)
  .optional();
const Image = z.object({ Bytes: z.base64().optional(), S3Object: z.unknown().optional() });
const page = {
  NextToken: z.string().max(255).optional(),
  MaxResults: z.number().int().min(0).max(4096).optional(),
};

/** The operations that are emulated, with the requests they accept. */
export const operations = {
  CreateCollection: operation(
    { CollectionId, Tags: z.unknown().optional() },
    ({ CollectionId: wanted }, { collections }) => {
      collections.create(wanted);
      return { CollectionArn: arn(wanted), FaceModelVersion: model, StatusCode: 200 };
    },
  ),
  DescribeCollection: operation({ CollectionId }, ({ CollectionId: wanted }, { collections }) => {
    const { id: name, faces, users, createdAt } = collections.find(wanted);
    return {
      CollectionARN: arn(name),
      CreationTimestamp: createdAt / 1_000,
      FaceCount: faces.length,
      FaceModelVersion: model,
      UserCount: users.length,
    };
  }),
  DeleteCollection: operation({ CollectionId }, ({ CollectionId: wanted }, { collections }) => {
    collections.state.splice(collections.state.indexOf(collections.find(wanted)), 1);
    return { StatusCode: 200 };
  }),
  ListCollections: operation(page, (_, { collections }) => ({
    CollectionIds: collections.state.map((collection) => collection.id),
    FaceModelVersions: collections.state.map(() => model),
  })),
  DetectFaces: operation({ Image, Attributes: z.array(z.string()).optional() }, async ({ Image: image }) => ({
    FaceDetails: (await findFaces(await readImage(image))).slice(0, 100).map(detailOf),
  })),
  IndexFaces: operation(
    {
      CollectionId,
      Image,
      ExternalImageId: id.max(255).optional(),
      DetectionAttributes: z.array(z.string()).optional(),
      MaxFaces: z.number().int().min(1).optional(),
      QualityFilter: z.enum(["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]).default("AUTO"),
    },
    async (
      {
        CollectionId: wanted,
        Image: image,
        ExternalImageId: externalImageId = null,
        MaxFaces,
        QualityFilter,
      },
      { collections },
    ) => {
      const collection = collections.find(wanted);
      const bytes = await readImage(image);
      const found = await findFaces(bytes);
      const good = found.filter((face) => isGood(face, QualityFilter));
      const faces = good.slice(0, MaxFaces ?? 100);
      const stored = indexFaces(collection, { bytes, externalImageId, faces });
      const left = found.filter((face) => !faces.includes(face));
      return {
        FaceRecords: stored.map((face, at) => ({
          Face: faceOf(face),
          FaceDetail: faces[at] && detailOf(faces[at]),
        })),
        UnindexedFaces: left.map((face) => ({
          FaceDetail: detailOf(face),
          Reasons: [good.includes(face) ? "EXCEEDS_MAX_FACES" : reasonOf(face)],
        })),
        FaceModelVersion: model,
      };
    },
  ),
  ListFaces: operation(
    { CollectionId, UserId: UserId.optional(), FaceIds: FaceIds.optional(), ...page },
    ({ CollectionId: wanted, UserId: user, FaceIds: ids, NextToken, MaxResults }, { collections }) => {
      const faces = collections
        .find(wanted)
        .faces.filter(
          (face) => (user === undefined || face.userId === user) && (ids?.includes(face.faceId) ?? true),
        );
      const { items, next } = pageOf(faces, NextToken, MaxResults);
      return { Faces: items.map(faceOf), FaceModelVersion: model, ...next };
    },
  ),
  DeleteFaces: operation(
    { CollectionId, FaceIds },
    ({ CollectionId: wanted, FaceIds: ids }, { collections }) => {
      const collection = collections.find(wanted);
      const failures = ids.flatMap((faceId) => {
        const face = collection.faces.find((one) => one.faceId === faceId);
        if (!face) return [{ FaceId: faceId, Reasons: ["FACE_NOT_FOUND"] }];
        if (face.userId === null) return [];
        return [{ FaceId: faceId, UserId: face.userId, Reasons: ["ASSOCIATED_TO_AN_EXISTING_USER"] }];
      });
      const deleted = ids.filter((faceId) => failures.every((failure) => failure.FaceId !== faceId));
      collection.faces = collection.faces.filter(({ faceId }) => !deleted.includes(faceId));
      return { DeletedFaces: deleted, UnsuccessfulFaceDeletions: failures };
    },
  ),
  CreateUser: operation(
    { CollectionId, UserId, ClientRequestToken },
    ({ CollectionId: wanted, UserId: user }, { collections }) => {
      const collection = collections.find(wanted);
      if (collection.users.includes(user))
        throw new RekognitionError("ConflictException", `The user id: ${user} already exists`);
      collection.users.push(user);
      return {};
    },
  ),
  DeleteUser: operation(
    { CollectionId, UserId, ClientRequestToken },
    ({ CollectionId: wanted, UserId: user }, { collections }) => {
      const collection = collections.find(wanted);
      requireUser(collection, user);
      collection.users = collection.users.filter((one) => one !== user);
      for (const face of collection.faces) if (face.userId === user) face.userId = null;
      return {};
    },
  ),
  ListUsers: operation(
    { CollectionId, ...page },
    ({ CollectionId: wanted, NextToken, MaxResults }, { collections }) => {
      const collection = collections.find(wanted);
      const { items, next } = pageOf(collection.users, NextToken, MaxResults);
      return {
        Users: items.map((user) => ({ UserId: user, UserStatus: statusOf(collection, user) })),
        ...next,
      };
    },
  ),
  AssociateFaces: operation(
    {
      CollectionId,
      UserId,
      FaceIds: FaceIds.max(100),
      UserMatchThreshold: z.number().min(0).max(100).default(75),
      ClientRequestToken,
    },
    (
      { CollectionId: wanted, UserId: user, FaceIds: ids, UserMatchThreshold: threshold },
      { collections },
    ) => {
      const collection = collections.find(wanted);
      requireUser(collection, user);
      const failures = ids.flatMap((faceId) => {
        const face = collection.faces.find((one) => one.faceId === faceId);
        const reason = face ? whyNotOf(collection, face, user, threshold) : "FACE_NOT_FOUND";
        if (face && reason === null) face.userId = user;
        return reason === null ? [] : [{ FaceId: faceId, UserId: user, Reasons: [reason] }];
      });
      return {
        AssociatedFaces: ids
          .filter((faceId) => failures.every((failure) => failure.FaceId !== faceId))
          .map((FaceId) => ({ FaceId })),
        UnsuccessfulFaceAssociations: failures,
        UserStatus: "UPDATING",
      };
    },
  ),
  DisassociateFaces: operation(
    { CollectionId, UserId, FaceIds: FaceIds.max(100), ClientRequestToken },
    ({ CollectionId: wanted, UserId: user, FaceIds: ids }, { collections }) => {
      const collection = collections.find(wanted);
      requireUser(collection, user);
      const failures = ids.flatMap((faceId) => {
        const face = collection.faces.find((one) => one.faceId === faceId);
        if (!face) return [{ FaceId: faceId, Reasons: ["FACE_NOT_FOUND"] }];
        if (face.userId !== null && face.userId !== user)
          return [{ FaceId: faceId, UserId: face.userId, Reasons: ["ASSOCIATED_TO_A_DIFFERENT_USER"] }];
        face.userId = null;
        return [];
      });
      return {
        DisassociatedFaces: ids
          .filter((faceId) => failures.every((failure) => failure.FaceId !== faceId))
          .map((FaceId) => ({ FaceId })),
        UnsuccessfulFaceDisassociations: failures,
        UserStatus: "UPDATING",
      };
    },
  ),
  SearchUsersByImage: operation(
    {
      CollectionId,
      Image,
      UserMatchThreshold: z.number().min(0).max(100).default(80),
      MaxUsers: z.number().int().min(1).max(500).optional(),
      QualityFilter: z.enum(["NONE", "AUTO", "LOW", "MEDIUM", "HIGH"]).default("NONE"),
    },
    async (
      { CollectionId: wanted, Image: image, UserMatchThreshold: threshold, MaxUsers },
      { collections },
    ) => {
      const collection = collections.find(wanted);
      const [largest, ...others] = await findFaces(await readImage(image));
      if (!largest) throw invalidParameter("There are no faces in the image. Should be at least 1.");
      const matches = collection.users
        .map((user) => ({ user, similarity: similarityTo(collection, user, largest) }))
        .filter(({ similarity }) => similarity >= threshold)
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, MaxUsers ?? 500);
      return {
        UserMatches: matches.map(({ user, similarity }) => ({
          Similarity: similarity,
          User: { UserId: user, UserStatus: statusOf(collection, user) },
        })),
        SearchedFace: { FaceDetail: detailOf(largest) },
        UnsearchedFaces: others.map((face) => ({
          FaceDetails: detailOf(face),
          Reasons: ["FACE_NOT_LARGEST"],
        })),
        FaceModelVersion: model,
      };
    },
  ),
} satisfies Record<string, Operation>;

interface Context {
  collections: Collections;
}

export interface Operation {
  /** Throws `RekognitionError`. */
  run(input: unknown, context: Context): Promise<object>;
}

const model = "7.0";
const arn = (name: string): string => `aws:rekognition:local:000000000000:collection/${name}`;

function operation<S extends z.ZodRawShape>(
  shape: S,
  work: (input: z.output<z.ZodObject<S>>, context: Context) => object | Promise<object>,
): Operation {
  const schema = z.strictObject(shape);
  return {
    async run(input, context) {
      const { success, data, error } = schema.safeParse(input);
      if (success) return await work(data, context);
      const [issue] = error.issues;
      throw new RekognitionError(
        "ValidationException",
        `1 validation error detected: Value at '${issue?.path.join(".")}' failed to satisfy constraint: ${issue?.message}`,
      );
    },
  };
}

function requireUser(collection: Collection, user: string): void {
  if (!collection.users.includes(user)) throw notFound(`The user id: ${user}`);
}

/** Why a face cannot belong to this user; null if it can. */
function whyNotOf(collection: Collection, face: StoredFace, user: string, threshold: number): string | null {
  if (face.userId === user) return null;
  if (face.userId !== null) return "ASSOCIATED_TO_A_DIFFERENT_USER";
  const others = collection.faces.filter((one) => one.userId === user);
  return others.length === 0 || similarity(others, face.code) >= threshold ? null : "LOW_MATCH_CONFIDENCE";
}

function similarityTo(collection: Collection, user: string, { code }: FoundFace): number {
  return similarity(
    collection.faces.filter((face) => face.userId === user),
    code,
  );
}

/** The share of the user's faces that show this person. More training pictures give a higher similarity, as with Rekognition. */
function similarity(faces: readonly StoredFace[], code: number | null): number {
  const same = code === null ? 0 : faces.filter((face) => face.code === code).length;
  return same === 0 ? 0 : Math.round(1e4 * (100 - 2 / (1 + same))) / 1e4;
}

function statusOf({ faces }: Collection, user: string): string {
  return faces.some((face) => face.userId === user) ? "ACTIVE" : "CREATED";
}

function faceOf({ faceId, imageId, externalImageId, box, userId }: StoredFace) {
  return {
    FaceId: faceId,
    BoundingBox: box,
    ImageId: imageId,
    ...(externalImageId !== null && { ExternalImageId: externalImageId }),
    Confidence: 99.98,
    IndexFacesModelVersion: model,
    ...(userId !== null && { UserId: userId }),
  };
}

function detailOf({ box, sharpness, brightness }: FoundFace) {
  return {
    BoundingBox: box,
    Landmarks: [
      { Type: "eyeLeft", X: box.Left + 0.34 * box.Width, Y: box.Top + 0.52 * box.Height },
      { Type: "eyeRight", X: box.Left + 0.66 * box.Width, Y: box.Top + 0.52 * box.Height },
    ],
    Pose: { Roll: 0, Yaw: 0, Pitch: 0 },
    Quality: { Brightness: brightness, Sharpness: sharpness },
    Confidence: 99.98,
  };
}

/** The filter of Rekognition is not published; this one needs a readable headband. */
function isGood(face: FoundFace, filter: string): boolean {
  return filter === "NONE" || (face.code !== null && face.sharpness >= 30);
}

function reasonOf({ sharpness }: FoundFace): string {
  return sharpness < 30 ? "LOW_SHARPNESS" : "LOW_FACE_QUALITY";
}

function pageOf<T>(list: readonly T[], token: string | undefined, max = 1_000) {
  const from = Number(token ?? 0);
  if (!Number.isSafeInteger(from) || from < 0)
    throw new RekognitionError("InvalidPaginationTokenException", "Invalid pagination token");
  const items = list.slice(from, from + max);
  return { items, next: from + max < list.length ? { NextToken: String(from + max) } : {} };
}
