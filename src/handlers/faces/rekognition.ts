import type * as Sdk from "@aws-sdk/client-rekognition";
import { beginCall, type SeenAnswer } from "../../lib/shared/exchange.ts";
import { errorText } from "../../lib/shared/log.ts";
import type { RekognitionVariables } from "../../lib/shared/rekognition-variables.ts";
import { RekognitionError } from "./rekognition-error.ts";

/** As ratios of the picture's size. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface DetectedFace {
  box: Box;
  sharpness: number;
}

/** The calls that the handler makes; they throw `RekognitionError`. None is sent once the signal has aborted. */
export interface Rekognition {
  within(signal: AbortSignal): Rekognition;
  /** The faces in a picture, the largest first. */
  detect(bytes: Uint8Array): Promise<DetectedFace[]>;
  /** The user whose face is the largest one in the picture; null if nobody's is. `box`: where that face is. */
  search(bytes: Uint8Array, minSimilarity: number): Promise<FoundUser | null>;
  /** Indexes the largest face. `face` null: Rekognition does not accept it, for these reasons. */
  index(bytes: Uint8Array, externalId: string): Promise<{ face: IndexedFace | null; reasons: string[] }>;
  /** The face that was indexed with this external id; null if none was. */
  findFace(externalId: string): Promise<IndexedFace | null>;
  /** A user that exists is left as it is. */
  createUser(userId: string): Promise<void>;
  /** Why the face cannot be the user's; null if it is now, or was before. */
  associate(userId: string, faceId: string): Promise<string | null>;
  /** Removes a face that may be a user's. Safe to repeat. */
  removeFace(faceId: string, userId: string | null): Promise<void>;
  /** Safe to repeat. */
  removeUser(userId: string): Promise<void>;
  hasCollection(): Promise<boolean>;
}

export interface IndexedFace {
  faceId: string;
  box: Box | null;
}

export interface FoundUser {
  userId: string | null;
  similarity: number | null;
  box: Box | null;
}

const timeoutMs = 10_000;
/** Rekognition's largest page of faces. */
const pageSize = 4_096;
const maxPages = 250;

type Loaded = { sdk: typeof Sdk; client: Sdk.RekognitionClient };
const loaded = new Map<string, Promise<Loaded>>();

/** Loads the SDK at the first call: a function that never recognises anybody does not pay for it. */
function load(account: RekognitionVariables): Promise<Loaded> {
  const key = JSON.stringify(account);
  const known = loaded.get(key);
  if (known) return known;
  const made = import("@aws-sdk/client-rekognition").then((sdk) => ({
    sdk,
    client: new sdk.RekognitionClient({
      region: account.region,
      credentials: {
        accessKeyId: account.accessKeyId,
        secretAccessKey: account.secretAccessKey,
        ...(account.sessionToken !== null && { sessionToken: account.sessionToken }),
      },
      ...(account.endpoint !== null && { endpoint: account.endpoint }),
      // The deliveries are retried, with longer pauses than the SDK's.
      maxAttempts: 1,
    }),
  }));
  loaded.set(key, made);
  return made;
}

export function rekognition(account: RekognitionVariables): Rekognition {
  return calls(account, undefined);
}

function calls(account: RekognitionVariables, signal: AbortSignal | undefined): Rekognition {
  const { collection: CollectionId } = account;

  /** One call, within its timeout and the caller's deadline. */
  async function send<T>(
    operation: string,
    call: (loaded: Loaded, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const timeout = AbortSignal.timeout(timeoutMs);
    const seen = beginCall({ method: "POST", host: hostOf(account), path: `/ ${operation}` });
    try {
      const abortSignal = signal ? AbortSignal.any([signal, timeout]) : timeout;
      const answer = await call(await load(account), { abortSignal });
      seen.succeeded();
      return answer;
    } catch (caught) {
      const error = errorOf(operation, caught, timeout.aborted);
      seen.failed(answerOf(error, caught));
      throw error;
    }
  }

  /** Creates the collection when it is missing, and calls again. */
  async function inCollection<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!isNamed(error, "ResourceNotFoundException")) throw error;
      await unless("ResourceAlreadyExistsException", () =>
        send("CreateCollection", ({ sdk, client }, options) =>
          client.send(new sdk.CreateCollectionCommand({ CollectionId }), options),
        ),
      );
      return await call();
    }
  }

  return {
    within: (deadline) => calls(account, deadline),
    async detect(Bytes) {
      const { FaceDetails = [] } = await send("DetectFaces", ({ sdk, client }, options) =>
        client.send(new sdk.DetectFacesCommand({ Image: { Bytes } }), options),
      );
      return FaceDetails.flatMap(({ BoundingBox, Quality }) => {
        const box = boxOf(BoundingBox);
        return box ? [{ box, sharpness: Quality?.Sharpness ?? 0 }] : [];
      }).sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
    },
    async search(Bytes, minSimilarity) {
      try {
        const { UserMatches, SearchedFace } = await inCollection(() =>
          send("SearchUsersByImage", ({ sdk, client }, options) =>
            client.send(
              new sdk.SearchUsersByImageCommand({
                CollectionId,
                Image: { Bytes },
                UserMatchThreshold: minSimilarity,
                MaxUsers: 1,
              }),
              options,
            ),
          ),
        );
        const [match] = UserMatches ?? [];
        return {
          userId: match?.User?.UserId ?? null,
          similarity: match?.Similarity ?? null,
          box: boxOf(SearchedFace?.FaceDetail?.BoundingBox),
        };
      } catch (error) {
        // Its answer where it finds no face.
        if (isNamed(error, "InvalidParameterException")) return null;
        throw error;
      }
    },
    async index(Bytes, externalId) {
      const { FaceRecords, UnindexedFaces } = await inCollection(() =>
        send("IndexFaces", ({ sdk, client }, options) =>
          client.send(
            new sdk.IndexFacesCommand({
              CollectionId,
              Image: { Bytes },
              ExternalImageId: externalId,
              MaxFaces: 1,
              QualityFilter: "AUTO",
            }),
            options,
          ),
        ),
      );
      const reasons = (UnindexedFaces ?? []).flatMap(({ Reasons }) => Reasons ?? []);
      return { face: faceOf(FaceRecords?.[0]?.Face), reasons };
    },
    async findFace(externalId) {
      let NextToken: string | undefined;
      for (let page = 0; page < maxPages; page += 1) {
        const token = NextToken;
        const answer = await unless("ResourceNotFoundException", () =>
          send("ListFaces", ({ sdk, client }, options) =>
            client.send(
              new sdk.ListFacesCommand({ CollectionId, MaxResults: pageSize, NextToken: token }),
              options,
            ),
          ),
        );
        const found = answer?.Faces?.find((face) => face.ExternalImageId === externalId);
        if (found) return faceOf(found);
        NextToken = answer?.NextToken;
        if (NextToken === undefined) return null;
      }
      throw new RekognitionError("ListFaces", {
        code: "no-end",
        status: 400,
        message: `the collection has more than ${maxPages * pageSize} faces`,
      });
    },
    async createUser(userId) {
      await inCollection(() =>
        unless("ConflictException", () =>
          send("CreateUser", ({ sdk, client }, options) =>
            client.send(
              new sdk.CreateUserCommand({ CollectionId, UserId: userId, ClientRequestToken: userId }),
              options,
            ),
          ),
        ),
      );
    },
    async associate(userId, faceId) {
      const { UnsuccessfulFaceAssociations } = await send("AssociateFaces", ({ sdk, client }, options) =>
        client.send(
          new sdk.AssociateFacesCommand({
            CollectionId,
            UserId: userId,
            FaceIds: [faceId],
            ClientRequestToken: faceId,
          }),
          options,
        ),
      );
      const [failure] = UnsuccessfulFaceAssociations ?? [];
      return failure ? (failure.Reasons?.[0] ?? "unknown") : null;
    },
    async removeFace(faceId, userId) {
      if (userId !== null)
        await unless("ResourceNotFoundException", () =>
          send("DisassociateFaces", ({ sdk, client }, options) =>
            client.send(
              new sdk.DisassociateFacesCommand({ CollectionId, UserId: userId, FaceIds: [faceId] }),
              options,
            ),
          ),
        );
      const answer = await unless("ResourceNotFoundException", () =>
        send("DeleteFaces", ({ sdk, client }, options) =>
          client.send(new sdk.DeleteFacesCommand({ CollectionId, FaceIds: [faceId] }), options),
        ),
      );
      const [failure] = answer?.UnsuccessfulFaceDeletions ?? [];
      const reason = failure?.Reasons?.[0];
      if (failure && reason !== "FACE_NOT_FOUND")
        throw new RekognitionError("DeleteFaces", {
          code: "ConflictException",
          status: 400,
          message: reason ?? "the face was not deleted",
        });
    },
    async hasCollection() {
      const answer = await unless("ResourceNotFoundException", () =>
        send("DescribeCollection", ({ sdk, client }, options) =>
          client.send(new sdk.DescribeCollectionCommand({ CollectionId }), options),
        ),
      );
      return answer !== null;
    },
    async removeUser(userId) {
      await unless("ResourceNotFoundException", () =>
        send("DeleteUser", ({ sdk, client }, options) =>
          client.send(new sdk.DeleteUserCommand({ CollectionId, UserId: userId }), options),
        ),
      );
    },
  };
}

function boxOf(wire: Sdk.BoundingBox | undefined): Box | null {
  if (wire?.Width === undefined || wire.Height === undefined) return null;
  return { left: wire.Left ?? 0, top: wire.Top ?? 0, width: wire.Width, height: wire.Height };
}

function faceOf(wire: Sdk.Face | undefined): IndexedFace | null {
  return wire?.FaceId === undefined ? null : { faceId: wire.FaceId, box: boxOf(wire.BoundingBox) };
}

function isNamed(error: unknown, code: string): boolean {
  return error instanceof RekognitionError && error.code === code;
}

/** null instead of this error. */
async function unless<T>(code: string, call: () => Promise<T>): Promise<T | null> {
  try {
    return await call();
  } catch (error) {
    if (isNamed(error, code)) return null;
    throw error;
  }
}

const hostOf = ({ endpoint, region }: RekognitionVariables): string =>
  endpoint === null ? `rekognition.${region}.amazonaws.com` : new URL(endpoint).host;

/** The SDK passes on the name and the message of Rekognition's answer, not its text. */
function answerOf(error: unknown, caught: unknown): SeenAnswer {
  if (!(error instanceof RekognitionError) || error.status === null) return { error: errorText(error) };
  const { requestId } = Object(caught instanceof Error && "$metadata" in caught ? caught.$metadata : {});
  const message = caught instanceof Error ? caught.message : "";
  return {
    status: error.status,
    headers: { "x-amzn-requestid": requestId },
    body: { __type: error.code, message },
  };
}

/** The caller's own deadline stays what it is; the dispatcher settles it. */
function errorOf(operation: string, error: unknown, isTimeout: boolean): unknown {
  if (error instanceof RekognitionError) return error;
  if (!(error instanceof Error)) return error;
  if (isTimeout)
    return new RekognitionError(operation, {
      code: "no-answer",
      status: null,
      message: `no answer within ${timeoutMs} ms`,
    });
  if (error.name === "AbortError") return error;
  const metadata = "$metadata" in error ? Object(error.$metadata) : null;
  const status = typeof metadata?.httpStatusCode === "number" ? metadata.httpStatusCode : null;
  const code = status === null ? "no-answer" : error.name;
  return new RekognitionError(operation, { code, status, message: error.message });
}
