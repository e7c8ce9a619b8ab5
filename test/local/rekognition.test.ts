import {
  AccessDeniedException,
  AssociateFacesCommand,
  ConflictException,
  CreateCollectionCommand,
  CreateUserCommand,
  DeleteFacesCommand,
  DeleteUserCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  ImageTooLargeException,
  IndexFacesCommand,
  InvalidImageFormatException,
  InvalidParameterException,
  ListFacesCommand,
  ListUsersCommand,
  RekognitionClient,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SearchUsersByImageCommand,
  ThrottlingException,
} from "@aws-sdk/client-rekognition";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { localRekognition } from "../../src/local/rekognition/local-rekognition.ts";
import { codeOf, pictureOf, portraitOf } from "../../src/local/rekognition/portrait.ts";
import { productPicture } from "../../src/local/samples.ts";
import { localStack } from "./support/local-stack.ts";

const key = { accessKeyId: "LOCALKEY", secretAccessKey: "a secret with / and +" };
const rekognition = await localRekognition({ key, dataDir: null });
const CollectionId = "team";
let stack: Awaited<ReturnType<typeof localStack>>;
let client: RekognitionClient;

beforeAll(async () => {
  stack = await localStack({ rekognition });
  client = clientWith(key);
});
afterAll(async () => {
  client.destroy();
  await stack.close();
});
beforeEach(async () => {
  rekognition.faults.clear();
  rekognition.collections.state.length = 0;
  await client.send(new CreateCollectionCommand({ CollectionId }));
});

const clientWith = (credentials: typeof key) =>
  new RekognitionClient({ endpoint: stack.url, region: "eu-west-1", credentials, maxAttempts: 1 });

/** A user with the face of this person; returns the face id. */
async function trained(person: string, UserId: string): Promise<string> {
  await client.send(new CreateUserCommand({ CollectionId, UserId }));
  const Bytes = await portraitOf(person);
  const { FaceRecords } = await client.send(
    new IndexFacesCommand({ CollectionId, Image: { Bytes }, ExternalImageId: `asset:${UserId}` }),
  );
  const id = FaceRecords?.[0]?.Face?.FaceId ?? "";
  const { UserStatus } = await client.send(
    new AssociateFacesCommand({ CollectionId, UserId, FaceIds: [id] }),
  );
  expect(UserStatus).toBe("UPDATING");
  return id;
}

async function whoIs(Bytes: Buffer): Promise<(string | undefined)[]> {
  const { UserMatches } = await client.send(
    new SearchUsersByImageCommand({ CollectionId, Image: { Bytes } }),
  );
  return (UserMatches ?? []).map(({ User }) => User?.UserId);
}

it("finds every drawn face with its box, the largest first, and none in other pictures", async () => {
  const people = [
    { person: "Ann", left: 60, top: 80, width: 90 },
    { person: "Ben", left: 300, top: 60, width: 140 },
    { person: "Cleo", left: 620, top: 120, width: 40 },
  ];
  const Bytes = await pictureOf(people, { width: 800, height: 400 });
  const { FaceDetails = [] } = await client.send(new DetectFacesCommand({ Image: { Bytes } }));
  const boxes = FaceDetails.map(({ BoundingBox }) => BoundingBox);
  expect(boxes).toHaveLength(3);
  for (const [at, person] of ["Ben", "Ann", "Cleo"].entries()) {
    const drawn = people.find((one) => one.person === person);
    const box = boxes[at];
    if (!drawn || !box) throw new Error(`no box for ${person}`);
    expect(Math.abs((box.Left ?? 0) * 800 - drawn.left)).toBeLessThan(4);
    expect(Math.abs((box.Top ?? 0) * 400 - drawn.top)).toBeLessThan(4);
    expect(Math.abs((box.Width ?? 0) * 800 - drawn.width)).toBeLessThan(5);
  }
  expect(FaceDetails[0]?.Quality?.Sharpness).toBeGreaterThan(90);
  const vase = await productPicture();
  expect((await client.send(new DetectFacesCommand({ Image: { Bytes: vase } }))).FaceDetails).toEqual([]);
});

it("recognises a face after a crop by the local Cloudinary, after JPEG compression and at half the size", async () => {
  await trained("Ann", "u-ann");
  await trained("Ben", "u-ben");
  const group = await pictureOf(
    [
      { person: "Ann", left: 60, top: 80, width: 90 },
      { person: "Ben", left: 300, top: 60, width: 140 },
      { person: "Zoe", left: 560, top: 60, width: 140 },
    ],
    { width: 800, height: 400 },
  );
  await stack.upload(group, { public_id: "group" });
  const at = async (transformation: string) =>
    Buffer.from(
      await (await fetch(`${stack.url}/local-test/image/upload/${transformation}/group.jpg`)).arrayBuffer(),
    );
  expect(await whoIs(group)).toEqual(["u-ben"]); // The largest face only.
  expect(await whoIs(await at("c_crop,h_180,w_150,x_30,y_50"))).toEqual(["u-ann"]);
  expect(await whoIs(await at("c_limit,h_200,w_400/c_crop,h_90,w_90,x_15,y_25"))).toEqual(["u-ann"]);
  expect(await whoIs(await at("c_crop,h_260,w_220,x_520,y_30"))).toEqual([]); // Nobody's training picture.
});

it("blurred faces are less sharp, and far too blurred ones are not recognised", async () => {
  await trained("Ann", "u-ann");
  const sharpness = async (blur: number) => {
    const Bytes = await pictureOf([{ person: "Ann", left: 100, top: 60, width: 160, blur }], {
      width: 400,
      height: 300,
    });
    const { FaceDetails } = await client.send(new DetectFacesCommand({ Image: { Bytes } }));
    return { sharpness: FaceDetails?.[0]?.Quality?.Sharpness ?? 0, users: await whoIs(Bytes) };
  };
  const [clear, soft, none] = [await sharpness(0), await sharpness(3), await sharpness(6)];
  expect(clear.users).toEqual(["u-ann"]);
  expect(soft.sharpness).toBeLessThan(clear.sharpness);
  expect(none.sharpness).toBeLessThan(40);
  expect(none.users).toEqual([]);
});

it("indexes once for the same image and external id, and only the best faces if MaxFaces says so", async () => {
  const Bytes = await pictureOf(
    [
      { person: "Ann", left: 60, top: 80, width: 90 },
      { person: "Ben", left: 300, top: 60, width: 140 },
    ],
    { width: 600, height: 400 },
  );
  const request = { CollectionId, Image: { Bytes }, ExternalImageId: "a.b:c-1", MaxFaces: 1 };
  const one = await client.send(new IndexFacesCommand(request));
  expect(one.FaceRecords?.[0]?.Face).toMatchObject({ ExternalImageId: "a.b:c-1" });
  expect(one.UnindexedFaces?.[0]?.Reasons).toEqual(["EXCEEDS_MAX_FACES"]);
  const again = await client.send(new IndexFacesCommand(request));
  expect(again.FaceRecords?.[0]?.Face?.FaceId).toBe(one.FaceRecords?.[0]?.Face?.FaceId);
  await client.send(new IndexFacesCommand({ ...request, ExternalImageId: "other" }));
  const first = await client.send(new ListFacesCommand({ CollectionId, MaxResults: 1 }));
  const second = await client.send(
    new ListFacesCommand({ CollectionId, MaxResults: 1, NextToken: first.NextToken }),
  );
  expect([first.Faces?.[0]?.ExternalImageId, second.Faces?.[0]?.ExternalImageId]).toEqual([
    "a.b:c-1",
    "other",
  ]);
  expect(second.NextToken).toBeUndefined();
});

it("keeps associations: another person's face, a face of somebody else, deletion", async () => {
  const ann = await trained("Ann", "u-ann");
  const ben = await trained("Ben", "u-ben");
  const wrong = await client.send(
    new AssociateFacesCommand({ CollectionId, UserId: "u-ann", FaceIds: [ben] }),
  );
  expect(wrong.UnsuccessfulFaceAssociations?.[0]?.Reasons).toEqual(["ASSOCIATED_TO_A_DIFFERENT_USER"]);
  const { FaceRecords } = await client.send(
    new IndexFacesCommand({
      CollectionId,
      Image: { Bytes: await portraitOf("Cleo") },
      ExternalImageId: "cleo",
    }),
  );
  const low = await client.send(
    new AssociateFacesCommand({
      CollectionId,
      UserId: "u-ann",
      FaceIds: [FaceRecords?.[0]?.Face?.FaceId ?? ""],
    }),
  );
  expect(low.UnsuccessfulFaceAssociations?.[0]?.Reasons).toEqual(["LOW_MATCH_CONFIDENCE"]);
  const kept = await client.send(new DeleteFacesCommand({ CollectionId, FaceIds: [ann] }));
  expect(kept.UnsuccessfulFaceDeletions?.[0]?.Reasons).toEqual(["ASSOCIATED_TO_AN_EXISTING_USER"]);
  await client.send(new DeleteUserCommand({ CollectionId, UserId: "u-ann" }));
  expect((await client.send(new DeleteFacesCommand({ CollectionId, FaceIds: [ann] }))).DeletedFaces).toEqual([
    ann,
  ]);
  expect((await client.send(new ListUsersCommand({ CollectionId }))).Users).toEqual([
    { UserId: "u-ben", UserStatus: "ACTIVE" },
  ]);
  const described = await client.send(new DescribeCollectionCommand({ CollectionId }));
  expect(described).toMatchObject({ FaceCount: 2, UserCount: 1 });
  expect(described.CreationTimestamp?.getTime()).toBeGreaterThan(Date.now() - 600_000);
});

it("throws the SDK's own error classes", async () => {
  const Bytes = await portraitOf("Ann");
  const search = (Image: { Bytes: Uint8Array }, id = CollectionId) =>
    client.send(new SearchUsersByImageCommand({ CollectionId: id, Image }));
  await expect(search({ Bytes }, "nobody")).rejects.toThrow(ResourceNotFoundException);
  await expect(search({ Bytes: Buffer.from("GIF89a no picture") })).rejects.toThrow(
    InvalidImageFormatException,
  );
  await expect(search({ Bytes: await productPicture() })).rejects.toThrow(InvalidParameterException);
  await expect(search({ Bytes: await sharp(Bytes).resize(60).png().toBuffer() })).rejects.toThrow(
    InvalidParameterException,
  );
  await expect(search({ Bytes: Buffer.alloc(5 * 1024 * 1024 + 1) })).rejects.toThrow(ImageTooLargeException);
  await expect(client.send(new CreateCollectionCommand({ CollectionId }))).rejects.toThrow(
    ResourceAlreadyExistsException,
  );
  await trained("Ann", "u-ann");
  await expect(client.send(new CreateUserCommand({ CollectionId, UserId: "u-ann" }))).rejects.toThrow(
    ConflictException,
  );
  await expect(client.send(new CreateUserCommand({ CollectionId, UserId: "Jörg" }))).rejects.toThrow(
    /failed to satisfy constraint/,
  );
});

it("rejects unknown keys, wrong secrets and requests without a signature", async () => {
  const denied = (credentials: typeof key) =>
    clientWith(credentials).send(new DescribeCollectionCommand({ CollectionId }));
  await expect(denied({ ...key, accessKeyId: "OTHER" })).rejects.toThrow(/security token .* invalid/);
  await expect(denied({ ...key, secretAccessKey: "wrong" })).rejects.toThrow(/signature/);
  const unsigned = await fetch(stack.url, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "RekognitionService.ListCollections",
    },
    body: "{}",
  });
  expect([unsigned.status, await unsigned.json()]).toEqual([
    400,
    expect.objectContaining({ __type: "MissingAuthenticationTokenException" }),
  ]);
});

it("injects faults by operation: throttling, denial, a lost answer", async () => {
  const fault = async (body: object) => {
    const { status } = await fetch(`${stack.url}/_control/faults`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ service: "rekognition", ...body }),
    });
    expect(status).toBe(204);
  };
  await fault({ kind: "status", status: 400, body: "ThrottlingException", match: "ListUsers" });
  await fault({ kind: "status", status: 400, body: "AccessDeniedException", match: "ListFaces" });
  await client.send(new DescribeCollectionCommand({ CollectionId }));
  await expect(client.send(new ListUsersCommand({ CollectionId }))).rejects.toThrow(ThrottlingException);
  await expect(client.send(new ListFacesCommand({ CollectionId }))).rejects.toThrow(AccessDeniedException);
  await fault({ kind: "reset", when: "after-work", match: "CreateUser" });
  await expect(client.send(new CreateUserCommand({ CollectionId, UserId: "u" }))).rejects.toThrow();
  expect((await client.send(new ListUsersCommand({ CollectionId }))).Users).toHaveLength(1);
});

it("different people of the samples have different codes", () => {
  const people = [
    "Ann",
    "Ben",
    "Cleo",
    "Zoe",
    "Jörg Müller",
    "山田太郎",
    "Ada Lovelace",
    "Grace Hopper",
    "Stranger",
  ];
  expect(new Set(people.map(codeOf)).size).toBe(people.length);
});
