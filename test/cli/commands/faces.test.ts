import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type OutcomeSource, outcomeOf } from "../../../src/console/shared/outcome.ts";
import { ask } from "../../console/operator.ts";
import { adaToken, vicToken } from "../../console/tokens.ts";
import { group, portrait, type World, world } from "../../handlers/faces/world.ts";
import { runWebhooks } from "../../support/command-line.ts";
import { loopbackReceiver } from "../../support/loopback-receiver.ts";
import { projectFolder } from "../../support/project-folder.ts";

// The command line and the API of the console, with a receiver that works on faces.

let here: World;
let receiver: Awaited<ReturnType<typeof loopbackReceiver>>;
let project: Awaited<ReturnType<typeof projectFolder>>;
beforeAll(async () => {
  here = await world();
  receiver = await loopbackReceiver();
  project = await projectFolder();
});
afterAll(async () => {
  await receiver.close();
  await here.close();
  await project.remove();
});
beforeEach(async () => {
  await receiver.idle();
  await here.reset();
});

const hanako = "山田 花子";

async function faces(args: readonly string[], token = adaToken) {
  // The hook of `world` has no worker behind it: its nudge must not stand in for the receiver's.
  await here.db.query("update pulse set at = now() - interval '1 minute'");
  return await runWebhooks(project.path, ["faces", "--url", receiver.url, ...args], {
    CLOUDINARY_URL: here.cloudinaryUrl,
    OPERATOR_TOKEN: `me:${token}`,
  });
}

interface Answer {
  error?: { reason: string };
  id: string;
  people: { id: string; name: string }[];
  picture: { faces: { name: string | null }[] };
}

async function api(path: string, options: Parameters<typeof ask>[1] = {}) {
  const response = await ask(`/api/faces${path}`, { origin: receiver.url, ...options });
  return { status: response.status, json: (await response.json()) as Answer };
}

/** Ann, and Hanako, whom a picture shows with a stranger. */
async function trained() {
  for (const [at, name] of ["Ann", hanako].entries())
    await here.upload(await portrait(name), {
      public_id: `t/${at}`,
      asset_folder: "training",
      tags: `faceLabel:${name}`,
    });
  await here.settle();
  const picture = await group([hanako, "Zoe"]);
  const { assetId } = await here.upload(picture, { public_id: "office", asset_folder: "assets" });
  await here.settle();
  return assetId;
}

const acts = async () => {
  const { rows } = await here.db.query<{ act: string; who: string; reason: string | null; detail: object }>(
    "select act, who, reason, detail from operator_acts order by id",
  );
  return rows;
};

describe("webhooks faces", () => {
  it("lists people with their training pictures and the pictures that name them", async () => {
    expect(await faces(["people"])).toMatchObject({ code: 0, stdout: "Nobody is known.\n" });
    await trained();
    const { code, stdout } = await faces(["people"], vicToken);
    expect(code).toBe(0);
    expect(stdout.split("\n").map((line) => line.trim().split(/ {2,}/))).toEqual([
      ["name", "training pictures", "tagged pictures"],
      ["Ann", "1", "0"],
      [hanako, "1", "1"],
      [""],
    ]);
    expect(JSON.parse((await faces(["people", "--json"])).stdout)).toMatchObject([
      { name: "Ann", trained: true, pictures: 0 },
      { name: hanako, trainings: [{ publicId: "t/1", state: "indexed", problem: null }] },
    ]);
  });

  it("counts before a rerun, and then looks at the pictures again", async () => {
    await trained();
    await here.upload(await portrait("Zoe"), {
      public_id: "t/2",
      asset_folder: "training",
      tags: "faceLabel:Zoe",
    });
    await here.settle();
    const dry = await faces(["rerun", "--dry-run"]);
    expect(dry).toMatchObject({ code: 0 });
    expect(dry.stdout).toMatch(/pictures added +0\npictures to look at +0 of 1\n/);
    expect(await acts()).toEqual([]);

    const { code, stdout } = await faces(["rerun", "--limit", "5", "--reason", "Zoe is new"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/pictures added +1\npictures to look at +1 of 1\nRekognition calls, about +3\n/);
    await vi.waitFor(
      async () => expect(await here.tagsOf("office")).toEqual(["person:Zoe", `person:${hanako}`]),
      { timeout: 60_000, interval: 200 },
    );
    expect(await acts()).toMatchObject([{ act: "faces-rerun", who: "ada", reason: "Zoe is new" }]);
  });

  it("forgets a person, whose name is in no record afterwards, and reports what was removed", async () => {
    await trained();
    const forget = ["forget", hanako, "--reason", "request 4711"];
    const { code, stdout, stderr } = await faces(forget);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/^Forgotten \([0-9a-f-]{36}\):\n/);
    const lines = stdout.split("\n").map((line) => line.trim().replace(/ {2,}/, ": "));
    expect(lines.slice(1, 6)).toEqual([
      "users removed at Rekognition: 1",
      "faces removed at Rekognition: 1",
      "tags removed at Cloudinary: 3",
      "training pictures forgotten: 1",
      "pictures that no longer name the person: 1",
    ]);
    expect(here.held()).toEqual({ faces: 1, users: 1, associated: 1 });
    expect(await here.tagsOf("office")).toEqual([]);
    expect(await acts()).toMatchObject([
      { act: "faces-forget", who: "ada", reason: "request 4711", detail: { outcome: "done" } },
    ]);
    expect(JSON.stringify(await acts())).not.toContain(hanako);

    const again = await faces(forget);
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing is recorded") });
  });

  it("exits with 2 for wrong arguments, and changes nothing", async () => {
    const forget = ["forget", "Ann", "--reason", "request 4711"];
    for (const [args, says] of [
      [["peple"], /Allowed choices are people, rerun, forget/],
      [["people", "Ann"], /people takes no name/],
      [["rerun", "Ann"], /rerun takes no name/],
      [["rerun", "--limit", "0"], /Expected a whole number from 1/],
      [["forget"], /the name is missing/],
      [["forget", "Ann"], /--reason is required/],
      [[...forget, "--dry-run"], /forget takes neither --dry-run nor --limit/],
      [["forget", "n".repeat(501), "--reason", "request 4711"], /400 invalid-request: name/],
    ] as const) {
      const { code, stderr } = await faces(args);
      expect({ args, code, stderr }).toEqual({ args, code: 2, stderr: expect.stringMatching(says) });
    }
    expect(await acts()).toEqual([]);
  });

  it("says what is missing: a stack, an operator's token, the handler", async () => {
    const nowhere = await runWebhooks(project.path, ["faces", "people"], { OPERATOR_TOKEN: adaToken });
    expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("No receiver is running") });
    const viewer = await faces(["forget", "Ann", "--reason", "request 4711"], vicToken);
    expect(viewer).toMatchObject({ code: 1, stderr: expect.stringContaining("needs an operator's token") });

    await trained();
    vi.stubEnv("REKOGNITION_COLLECTION", "");
    expect((await faces(["people"])).stdout).toMatch(/^The handler faces is off/);
    expect(await faces(["rerun"])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("The handler faces is off (docs/faces.md)."),
    });
    // What is recorded goes at once. The rest is not waited for, because nothing will remove it before the handler is on.
    const { code, stderr } = await faces(["forget", "Ann", "--reason", "request 4711"]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(/not finished yet: 4\. The handler faces is off: turn it on/),
    });
    expect(await here.people()).toEqual([hanako]);
    expect(here.held()).toEqual({ faces: 2, users: 2, associated: 2 });
  });
});

describe("the API", () => {
  it("shows an operator and a viewer who is in a picture, what trains whom, and what was not recognised", async () => {
    const assetId = await trained();
    await here.upload(await group(["Ann", "Zoe"]), {
      public_id: "t/both",
      asset_folder: "training",
      tags: "faceLabel:Zoe",
    });
    await here.settle();
    for (const token of [adaToken, vicToken]) {
      const { json } = await api("", { token });
      expect(json).toMatchObject({
        on: true,
        people: [{ name: "Ann" }, { name: "Zoe", trained: true }, { name: hanako, pictures: 1 }],
        rejected: [{ publicId: "t/both", problem: "several-faces" }],
        unclear: [
          {
            assetId,
            faces: expect.arrayContaining([
              { outcome: "unknown", name: null, similarity: null, box: expect.anything() },
            ]),
          },
        ],
        removals: 0,
      });
      const { json: found } = await api(`/asset?assetId=${assetId}`, { token });
      expect(found).toMatchObject({ training: null, picture: { state: "done", tags: [`person:${hanako}`] } });
      expect(found.picture.faces.find(({ name }) => name === hanako)).toEqual({
        box: {
          left: expect.any(Number),
          top: expect.any(Number),
          width: expect.any(Number),
          height: expect.any(Number),
        },
        outcome: "recognised",
        name: hanako,
        similarity: expect.any(Number),
      });
    }
    // In words, as in the inbox.
    const { rows } = await here.db.query<OutcomeSource & { publicId: string }>(
      `select n.public_id as "publicId", d.handler, d.state, d.attempts, d.last_error as "lastError", d.due_at as "dueAt", d.result
       from deliveries d join notifications n on n.id = d.notification_id where d.handler like 'faces%' and n.type = 'upload'`,
    );
    const said = [...Map.groupBy(rows, ({ publicId }) => publicId)].map(
      ([id, of]) => `${id}: ${outcomeOf(of)?.title}`,
    );
    expect(said.sort()).toEqual([
      "office: 1 person recognised",
      "t/0: Face indexed",
      "t/1: Face indexed",
      "t/both: Training picture not used",
    ]);
    expect((await api("/asset?assetId=nothing")).json).toEqual({ picture: null, training: null });
  });

  it("forgets by the id of a person, once, and answers how far it is", async () => {
    await trained();
    const personId = (await api("")).json.people.find(({ name }) => name === "Ann")?.id;
    const body = { personId, reason: "request 4711" };
    const { json: asked } = await api("/forgettings", { body });
    expect(asked).toMatchObject({ on: true, left: { faces: 1, users: 1, tags: 2 } });
    expect(await api("/forgettings", { body })).toMatchObject({
      status: 409,
      json: { error: { reason: "nothing-recorded" } },
    });
    await here.settle();
    expect((await api(`/forgettings/${asked.id}`, { token: vicToken })).json).toMatchObject({
      finished: true,
      counts: { faces: 1, users: 1, tags: 2, trainings: 1 },
    });
  });

  it("rejects requests without a name, a reason or a limit, and does nothing", async () => {
    for (const [path, body] of [
      ["/forgettings", { name: "Ann" }],
      ["/forgettings", { reason: "request 4711" }],
      ["/forgettings", { name: "Ann", personId: crypto.randomUUID(), reason: "request 4711" }],
      ["/forgettings", { personId: "Ann", reason: "request 4711" }],
      ["/rerun", {}],
      ["/rerun", { limit: -1 }],
      ["/rerun", { limit: 100_001 }],
      ["/rerun", { limit: 1, reason: "x" }],
    ] as const) {
      const { status, json } = await api(path, { body });
      expect({ body, status, reason: json.error?.reason }).toEqual({
        body,
        status: 400,
        reason: "invalid-request",
      });
    }
    expect(await acts()).toEqual([]);
    for (const id of [crypto.randomUUID(), "Ann"])
      expect(await api(`/forgettings/${id}`)).toMatchObject({
        status: 404,
        json: { error: { reason: "no-such-id" } },
      });
  });
});
