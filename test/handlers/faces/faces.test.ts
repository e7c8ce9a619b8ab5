import pg from "pg";
import sharp from "sharp";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { eraseFromFaces } from "../../../src/handlers/faces/erase-asset.ts";
import { productPicture } from "../../../src/local/samples.ts";
import { waitingForLocks } from "../../support/databases.ts";
import { dueInMs } from "../../support/deliveries.ts";
import { group, portrait, type World, world } from "./world.ts";

let here: World;
beforeAll(async () => {
  here = await world();
});
afterAll(() => here.close());
beforeEach(() => here.reset());

/** A training picture of this person. */
async function train(person: string, more: { name?: string; id?: string; picture?: Buffer } = {}) {
  const { name = person, id = `train-${person}`, picture } = more;
  return await here.upload(picture ?? (await portrait(person)), {
    public_id: id,
    asset_folder: "training/staff",
    tags: `faceLabel:${name}`,
  });
}

const inAssets = (picture: Buffer, publicId: string, more: Record<string, string> = {}) =>
  here.upload(picture, { public_id: publicId, asset_folder: "assets", ...more });

describe("training and recognition", () => {
  it("indexes each person once, and tags the people in a group picture in one call", async () => {
    const ann = await train("Ann");
    await train("Ben");
    await here.settle();
    expect(await here.people()).toEqual(["Ann", "Ben"]);
    expect(here.held()).toEqual({ faces: 2, users: 2, associated: 2 });
    expect(await here.tagsOf(ann.publicId)).toEqual([
      expect.stringMatching(/^faceId:[0-9a-f-]{36}$/),
      "faceLabel:Ann",
    ]);
    here.calls.length = 0;

    await inAssets(await group(["Ann", "Zoe", "Ben"]), "party");
    await here.settle();
    expect(await here.tagsOf("party")).toEqual(["person:Ann", "person:Ben"]);
    expect((await here.facesIn("party")).sort()).toEqual(["Ann", "Ben", "unknown"]);
    expect(here.calls.filter((line) => line.startsWith("POST image/tags"))).toHaveLength(1);
    expect(here.calls.filter((line) => line === "SearchUsersByImage")).toHaveLength(3);
    // The names are not at Rekognition.
    expect(JSON.stringify(here.rekognition.calls)).not.toMatch(/Ann|Ben/);
  });

  it("answers its own tags with nothing, and a repeated notification with no call", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann"]), "one");
    await here.settle();
    const { rows } = await here.db.query<{ type: string; reason: string | null; body: string }>(
      `select n.type, d.last_error as reason, encode(n.body, 'escape') as body from deliveries d join notifications n on n.id = d.notification_id
       where d.handler = 'faces' and n.type = 'resource_tags_changed'`,
    );
    expect(rows).toHaveLength(2);
    for (const { reason } of rows) expect(reason).toBe("not-about-faces");
    const before = here.acts().length;
    // As a replay does it.
    await here.db.query("update deliveries set state = 'due', due_at = now() where handler = 'faces'");
    await here.settle();
    expect(here.acts()).toHaveLength(before);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
  });

  it("works in fixed folder mode, where the folder is part of the public id, and by the training tag", async () => {
    here.cloudinary.cloud.folderMode = "fixed";
    await here.upload(await portrait("Ann"), { public_id: "training/ann", tags: "faceLabel:Ann" });
    await here.upload(await portrait("Ben"), {
      public_id: "elsewhere/ben",
      tags: "face-training,faceLabel:Ben",
    });
    await here.upload(await portrait("Cleo"), { public_id: "trainings/cleo", tags: "faceLabel:Cleo" });
    await here.settle();
    expect(await here.people()).toEqual(["Ann", "Ben"]);
    await here.upload(await group(["Ann", "Ben"]), { public_id: "assets/two" });
    await here.upload(await group(["Ann", "Ben"]), { public_id: "other/two" });
    await here.settle();
    expect(await here.tagsOf("assets/two")).toEqual(["person:Ann", "person:Ben"]);
    expect(await here.facesIn("other/two")).toEqual(["not looked at"]);
  });

  it("takes names in any script and Unicode form", async () => {
    const decomposed = "Jörg Müller".normalize("NFD");
    await train("Jörg Müller", { name: decomposed, id: "joerg-1" });
    await train("Jörg Müller", { id: "joerg-2", picture: await portrait("Jörg Müller", 200) });
    await train("山田 花子", { id: "hanako" });
    await here.settle();
    await inAssets(await group(["山田 花子", "Jörg Müller"]), "abroad");
    await here.settle();
    expect(await here.people()).toEqual(["Jörg Müller", "山田 花子"]);
    expect(here.held()).toEqual({ faces: 3, users: 2, associated: 3 });
    expect(await here.tagsOf("abroad")).toEqual(["person:Jörg Müller", "person:山田 花子"]);
  });

  it("indexes nothing of a training picture with several faces, none, or no name", async () => {
    await train("Ann", { id: "two", picture: await group(["Ann", "Ben"]) });
    await train("Ann", { id: "vase", picture: await productPicture() });
    await here.upload(await portrait("Ann"), { public_id: "nameless", asset_folder: "training" });
    await here.upload(await portrait("Ann"), {
      public_id: "both",
      asset_folder: "training",
      tags: "faceLabel:Ann,faceLabel:Ben",
    });
    await here.settle();
    expect(await here.trainings()).toEqual([
      "both: several-labels",
      "nameless: no-label",
      "two: several-faces",
      "vase: no-face",
    ]);
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
  });

  it("does not add a picture of somebody else to a person", async () => {
    await train("Ann");
    await here.settle();
    await train("Ann", { id: "not-ann", picture: await portrait("Ben") });
    await here.settle();
    expect(await here.trainings()).toEqual(["not-ann: does-not-match", "train-Ann: indexed"]);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
  });

  it("says why a face was not looked up: too small, not sharp, too many", async () => {
    await train("Ann");
    await here.settle();
    const picture = await group([
      "Ann",
      { person: "Ann", width: 30 },
      { person: "Ann", blur: 6 },
      { person: "Ann", width: 90 },
    ]);
    await inAssets(picture, "mixed");
    await here.settle({ maxFaces: 1 });
    expect((await here.facesIn("mixed")).sort()).toEqual(
      ["Ann", "beyond-limit", "not-sharp", "too-small"].sort(),
    );
  });

  it("asks for a smaller JPEG of a picture over 5 MB or in another format, and crops that one", async () => {
    await train("Ann");
    await train("Ben");
    await here.settle();
    const two = await group(["Ann", "Ben"], 200);
    const { width, height } = await sharp(two).metadata();
    const noise = Buffer.alloc(width * height * 3);
    for (let at = 0; at < noise.length; at += 1) noise[at] = (at * 2_654_435_761) >>> 24;
    const large = await sharp(noise, { raw: { width, height, channels: 3 } })
      .composite([{ input: two, blend: "over" }])
      .resize(width * 2)
      .png({ compressionLevel: 0 })
      .toBuffer();
    expect(large.length).toBeGreaterThan(5 * 1024 * 1024);
    await inAssets(large, "large");
    await inAssets(await sharp(two).webp().toBuffer(), "webp");
    await here.settle();
    expect(await here.tagsOf("large")).toEqual(["person:Ann", "person:Ben"]);
    expect(await here.tagsOf("webp")).toEqual(["person:Ann", "person:Ben"]);
    expect(here.calls.some((line) => line.includes("c_limit,h_2048,w_2048/q_85/c_crop"))).toBe(true);
  });

  it("notes pictures without a face, and pictures that cannot be read", async () => {
    await inAssets(await productPicture(), "vase");
    await inAssets(
      await sharp(await portrait("Ann"))
        .resize(60)
        .png()
        .toBuffer(),
      "tiny",
    );
    await here.settle();
    expect(await here.facesIn("vase")).toEqual([]);
    expect(await here.facesIn("tiny")).toEqual(["picture-too-small"]);
    expect(here.calls.filter((line) => line === "SearchUsersByImage")).toEqual([]);
  });

  it("reads restricted assets by signed addresses", async () => {
    await train("Ann");
    await train("Ben");
    await here.settle();
    for (const type of ["authenticated", "private"])
      await inAssets(await group(["Ann", "Ben"]), type, { type });
    await inAssets(await group([{ person: "Ann", width: 120 }, "Ben"]), "token", {
      access_control: JSON.stringify([{ access_type: "token" }]),
    });
    await here.settle();
    for (const id of ["authenticated", "private"])
      expect(await here.tagsOf(id)).toEqual(["person:Ann", "person:Ben"]);
    // Crops need a token that only the team has; the largest face is found in the original.
    expect(await here.facesIn("token")).toEqual(["Ann", "restricted"]);
  });

  it("looks for nobody in what a visitor uploaded, and learns nobody from it", async () => {
    const { assetId } = await train("Ann");
    await here.cloudinary.idle();
    await here.db.query("update notifications set by_public_hook = true where asset_id = $1", [assetId]);
    await here.settle();
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
    expect(await here.people()).toEqual([]);
  });

  it("learns nobody from a folder of visitors, in either Unicode form", async () => {
    here.visitors.push("ga\u0308ste");
    await here.upload(await portrait("Ann"), {
      public_id: "a-visitor",
      asset_folder: "g\u00e4ste",
      tags: "faceLabel:Ann,face-training",
    });
    await here.settle();
    here.visitors.length = 0;
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
    expect(await here.people()).toEqual([]);
  });
});

describe("changes of the training set", () => {
  it("follows a renamed, retagged, deleted and restored training picture", async () => {
    await train("Ann", { id: "ann-1" });
    await here.settle();
    await here.rename("ann-1", "ann-2");
    await here.settle();
    expect(await here.trainings()).toEqual(["ann-2: indexed"]);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });

    const [oldTag] = await here.tagsOf("ann-2");
    await here.tag("remove", "faceLabel:Ann", "ann-2");
    await here.tag("add", "faceLabel:Anna", "ann-2");
    await here.settle();
    expect(await here.people()).toEqual(["Anna"]);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
    const tags = await here.tagsOf("ann-2");
    expect(tags).toEqual([expect.stringMatching(/^faceId:/), "faceLabel:Anna"]);
    expect(tags).not.toContain(oldTag);

    await here.destroy("ann-2");
    await here.settle();
    expect(await here.people()).toEqual([]);
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });

    await train("Ann", { id: "ann-2" });
    await here.settle();
    expect(await here.people()).toEqual(["Ann"]);
  });

  it("keeps a person while a training picture is left, and a new version replaces the face", async () => {
    await train("Ann", { id: "one" });
    await train("Ann", { id: "two", picture: await portrait("Ann", 200) });
    await here.settle();
    expect(here.held()).toEqual({ faces: 2, users: 1, associated: 2 });
    await here.destroy("one");
    await here.settle();
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
    await train("Ann", { id: "two", picture: await portrait("Ann", 240) });
    await here.settle();
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
  });

  it("applies a changed training set to older pictures when asked to, within the budget", async () => {
    await train("Ann");
    await here.settle();
    for (const id of ["a", "b", "c"]) await inAssets(await group(["Ann", "Ben"]), id);
    await here.settle();
    await train("Ben");
    await here.settle();
    for (const id of ["a", "b", "c"]) expect(await here.tagsOf(id)).toEqual(["person:Ann"]);
    here.calls.length = 0;
    expect(await here.requestRerun(2)).toEqual({ asked: 2, left: 2, pictures: 3, faces: 4 });
    await here.settle();
    const tags = await Promise.all(["a", "b", "c"].map((id) => here.tagsOf(id)));
    expect(tags.filter((list) => list.length === 2)).toHaveLength(2);
    expect(here.calls.filter((line) => line === "DetectFaces")).toHaveLength(2);
    await here.destroy("train-Ann");
    await here.settle();
    await here.requestRerun(3);
    await here.settle();
    for (const id of ["a", "b", "c"]) expect(await here.tagsOf(id)).toEqual(["person:Ben"]);
    expect(await here.people()).toEqual(["Ben"]);
  });

  it("leaves a tag alone that somebody else added", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann"]), "tagged", { tags: "person:Ann" });
    await here.settle();
    const forgetting = await here.requestForgetting("Ann");
    await here.settle();
    expect(forgetting?.counts.trainings).toBe(1);
    expect(await here.tagsOf("tagged")).toEqual(["person:Ann"]);
  });
});

describe("errors", () => {
  it("waits when Rekognition asks for fewer calls, and goes on", async () => {
    here.rekognition.faults.add({
      kind: "status",
      status: 400,
      body: "ProvisionedThroughputExceededException",
      match: "IndexFaces",
    });
    await train("Ann");
    await here.round();
    const { rows } = await here.db.query<{ state: string; waits: number; dueInMs: number }>(
      `select state, waits, ${dueInMs} from deliveries d where handler = 'faces:rekognition'`,
    );
    expect(rows).toEqual([{ state: "due", waits: 1, dueInMs: expect.any(Number) }]);
    expect(rows[0]?.dueInMs).toBeGreaterThan(5_000);
    await here.settle();
    expect(await here.trainings()).toEqual(["train-Ann: indexed"]);
  });

  it("gives up with AWS's reason when access is denied", async () => {
    here.rekognition.faults.add({
      kind: "status",
      status: 400,
      body: "AccessDeniedException",
      match: "DetectFaces",
    });
    await train("Ann");
    const [delivery] = await here.settle();
    expect(delivery).toMatchObject({
      state: "dead",
      last_error: expect.stringMatching(/AccessDeniedException to DetectFaces/),
    });
    const { rows } = await here.db.query<{ exchange: unknown }>(
      "select exchange from attempts where exchange is not null",
    );
    expect(rows).toEqual([
      {
        exchange: expect.objectContaining({
          method: "POST",
          host: new URL(here.url).host,
          path: "/ DetectFaces",
          status: 400,
          body: expect.stringContaining('"__type":"AccessDeniedException"'),
        }),
      },
    ]);
  });

  it("retries after a server error", async () => {
    here.rekognition.faults.add({ kind: "status", status: 500, match: "AssociateFaces" });
    await train("Ann");
    const [delivery] = await here.settle();
    expect(delivery).toMatchObject({ state: "done", attempts: 2 });
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
  });

  it("finds its own face again after the answer to IndexFaces was lost", async () => {
    here.rekognition.faults.add({ kind: "reset", when: "after-work", match: "IndexFaces" });
    await here.rekognition.collections.create("local-team");
    await train("Ann");
    await here.settle();
    expect(here.calls.filter((line) => line === "IndexFaces")).toHaveLength(1);
    expect(here.calls).toContain("ListFaces");
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
  });

  it("does everything once, wherever its process dies", async () => {
    const sizes: number[] = [];
    const [alone, pair] = [await portrait("Ann", 60), await group(["Ann", "Zoe"], 60)];
    for (let after = 0; ; after += 1) {
      await here.reset();
      here.crash.after = after;
      await train("Ann", { picture: alone });
      await inAssets(pair, "pair");
      await here.round().catch(() => {}); // The process dies.
      const died = here.crash.isDead;
      here.crash.after = Number.POSITIVE_INFINITY;
      here.crash.isDead = false;
      await here.db.query(
        "update deliveries set lease_until = now() - interval '1 s' where state = 'running'",
      );
      await here.settle();
      // The pair may have been looked at before Ann was known.
      if ((await here.requestRerun(1 - (await here.tagsOf("pair")).length)).left > 0) await here.settle();
      const at = `after call ${after}`;
      expect({ at, ...here.held() }).toEqual({ at, faces: 1, users: 1, associated: 1 });
      expect({ at, tags: await here.tagsOf("pair") }).toEqual({ at, tags: ["person:Ann"] });
      expect({ at, tags: (await here.tagsOf("train-Ann")).length }).toEqual({ at, tags: 2 });
      expect({ at, people: await here.people() }).toEqual({ at, people: ["Ann"] });
      sizes.push(here.calls.length);
      if (!died) break;
    }
    expect(sizes.length).toBeGreaterThan(12);
  }, 300_000);

  it("does nothing while it is off", async () => {
    vi.stubEnv("REKOGNITION_COLLECTION", "");
    await train("Ann");
    await here.settle();
    const { rows } = await here.db.query("select from deliveries where handler like 'faces%'");
    expect(rows).toEqual([]);
    expect(here.calls).toEqual([]);
  });
});

describe("forgetting", () => {
  it("removes the person at Rekognition, the tags and the rows, and reports it; a repeat changes nothing", async () => {
    await train("Ann", { id: "one" });
    await train("Ann", { id: "two", picture: await portrait("Ann", 200) });
    await train("Ben");
    await here.settle();
    await inAssets(await group(["Ann", "Ben"]), "party");
    await here.settle();
    const asked = await here.requestForgetting("Ann");
    expect(asked).toMatchObject({ finished: false, left: { faces: 2, users: 1, tags: 5 } });
    expect((await here.requestForgetting("Ann"))?.id).toBe(asked?.id);
    await here.settle();
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({
      finished: true,
      left: { faces: 0, users: 0, tags: 0 },
      counts: { faces: 2, users: 1, tags: 5, pictures: 1, trainings: 2 },
    });
    expect(await here.people()).toEqual(["Ben"]);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
    expect(await here.tagsOf("party")).toEqual(["person:Ben"]);
    expect(await here.tagsOf("one")).toEqual([]);
    expect((await here.facesIn("party")).sort()).toEqual(["Ben", "forgotten"]);
    expect(await here.requestForgetting("Ann")).toBeNull();
    const left = await here.db.query<{ text: string }>(
      `select string_agg(t, ' ') as text from (
         select p::text as t from face_people p union all select f::text from face_tags f union all select f::text from face_pictures f
         union all select f::text from face_forgettings f union all select f::text from face_removals f
         union all select d.result::text from deliveries d union all select o.detail::text from operator_acts o) all_rows`,
    );
    expect(left.rows[0]?.text).not.toContain("Ann");
  });

  it("continues where it stopped", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann"]), "pic");
    await here.settle();
    const asked = await here.requestForgetting("Ann");
    here.calls.length = 0;
    here.crash.after = 2;
    await here.round().catch(() => {}); // The process dies.
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({ finished: false });
    here.crash.after = Number.POSITIVE_INFINITY;
    here.crash.isDead = false;
    await here.settle();
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({ finished: true });
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
    expect(await here.tagsOf("pic")).toEqual([]);
  });

  it("is carried out by the deployed function", async () => {
    await train("Ann");
    await here.settle();
    await here.requestForgetting("Ann");
    expect((await here.background()).status).toBe(200);
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
  });

  it("removes the label however it is spelled at Cloudinary, so that the person stays forgotten", async () => {
    await train("Jörg", { name: ` ${"Jörg".normalize("NFD")}`, id: "joerg" });
    await here.settle();
    expect(await here.people()).toEqual(["Jörg"]);
    await here.requestForgetting("Jörg".normalize("NFD"));
    // A change of another tag has the picture looked at before its label is removed.
    await here.tag("add", "face-training", "joerg");
    await here.settle();
    expect(await here.tagsOf("joerg")).toEqual(["face-training"]);
    expect(await here.people()).toEqual([]);
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
  });

  it("finds an asset that was renamed since, and leaves the asset alone that has its name now", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann"]), "pic");
    await here.settle();
    const asked = await here.requestForgetting("Ann");
    await here.rename("pic", "renamed");
    await here.upload(await productPicture(), { public_id: "pic", tags: "person:Ann" });
    await here.settle();
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({ finished: true, counts: { tags: 3 } });
    expect(await here.tagsOf("renamed")).toEqual([]);
    expect(await here.tagsOf("pic")).toEqual(["person:Ann"]);
  });

  it("ends when what is left is erased with its asset", async () => {
    await train("Ann");
    await here.settle();
    const { assetId } = await inAssets(await group(["Ann"]), "pic");
    await here.settle();
    const asked = await here.requestForgetting("Ann");
    await here.db.query("update face_removals set due_at = now() + interval '1 hour' where asset_id = $1", [
      assetId,
    ]);
    await here.round();
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({ finished: false });
    await eraseFromFaces(here.db, {
      assetIds: [assetId],
      publicIds: ["pic"],
      assetPrefix: "",
      erasureId: "e",
    });
    expect(await here.forgettingOf(asked?.id ?? "")).toMatchObject({ finished: true, left: { tags: 0 } });
  });

  it("leaves no user at Rekognition that was being created", async () => {
    await train("Ann");
    here.meanwhile.set("CreateUser", {
      effect: "after",
      happens: async () => {
        await here.requestForgetting("Ann");
        await here.removeDue();
      },
    });
    await here.settle();
    expect(await here.people()).toEqual([]);
    expect(here.held()).toEqual({ faces: 0, users: 0, associated: 0 });
    expect(await here.tagsOf("train-Ann")).toEqual([]);
  });

  it("does not name a person who was forgotten while a picture was looked at", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann", "Zoe"]), "pic");
    const happens = () => here.requestForgetting("Ann");
    here.meanwhile.set("SearchUsersByImage", { effect: "before", happens });
    await here.settle();
    expect(await here.people()).toEqual([]);
    expect((await here.facesIn("pic")).sort()).toEqual(["unknown", "unknown"]);
    expect(await here.tagsOf("pic")).toEqual([]);
  });

  it("is not disturbed by a tag that is noted at the same moment", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Zoe"]), "pic");
    await here.settle();
    const other = new pg.Client(here.databaseUrl);
    await other.connect();
    await other.query("begin");
    await other.query(
      "insert into face_tags (asset_id, person_id, tag) select f.asset_id, p.id, 'person:Ann' from face_pictures f, face_people p",
    );
    const forgetting = here.requestForgetting("Ann");
    await expect.poll(() => waitingForLocks(here.db), { timeout: 30_000 }).toBe(1);
    await other.query("commit");
    await other.end();
    expect(await forgetting).toMatchObject({ left: { tags: 3 } });
    expect(await here.people()).toEqual([]);
  });

  it("takes long names and those with apostrophes, and two requests at once", async () => {
    const long = `${"Ann-Søren d’Arc O'Neil ".repeat(10)}III`;
    const exact = long.trim();
    await train("Ann", { name: exact, id: "long" });
    await here.settle();
    await inAssets(await group(["Ann"]), "pic");
    await here.settle();
    expect(await here.tagsOf("pic")).toEqual([`person:${exact}`]);
    const [one, two] = await Promise.all([here.requestForgetting(exact), here.requestForgetting(exact)]);
    expect(one?.id).toBe(two?.id);
    await here.settle();
    expect(await here.tagsOf("pic")).toEqual([]);
    expect(await here.requestForgetting(exact)).toBeNull();
  });
});

describe("a picture that is deleted", () => {
  it.each(["DetectFaces", "SearchUsersByImage"])("during %s leaves nothing behind", async (call) => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann", "Zoe"]), "pic");
    here.meanwhile.set(call, {
      effect: "before",
      happens: async () => {
        await here.destroy("pic");
        await here.round();
      },
    });
    const deliveries = await here.settle();
    expect(await here.facesIn("pic")).toEqual(["not looked at"]);
    expect(deliveries.map(({ state }) => state)).not.toContain("dead");
  });

  it("during a rerun leaves nothing behind", async () => {
    await train("Ann");
    await here.settle();
    await inAssets(await group(["Ann", "Zoe"]), "pic");
    await here.settle();
    await here.requestRerun(1);
    here.meanwhile.set("DetectFaces", {
      effect: "before",
      happens: async () => {
        await here.destroy("pic");
        await here.round();
      },
    });
    await here.settle();
    expect(await here.facesIn("pic")).toEqual(["not looked at"]);
  });
});
