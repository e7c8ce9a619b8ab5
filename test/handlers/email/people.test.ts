import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { readConfig } from "../../../src/config.ts";
import { settings } from "../../../src/settings.ts";
import type { EmailSettings, Settings } from "../../../src/settings.types.ts";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { empty } from "../../support/databases.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { eagerBody, moderationBody } from "./bodies.ts";
import { apiKey, holdClock, type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
const decided = (status: string, changed: Record<string, unknown> = {}) =>
  moderationBody(status, { moderation_kind: "manual", ...changed });

const before = { ...settings.email, waiting: { ...settings.email.waiting } };

beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(async () => {
  await office.clear();
  await empty(office.db, "moderation_decision", "waiting_mails", "pim_asset");
  configured(office.databaseUrl, {
    SENDGRID_API_KEY: apiKey,
    SENDGRID_BASE_URL: office.url,
    FROM_VERIFIED_SENDER: "sender@shop.example",
    TO_RECIPIENTS: "ada@example.com",
  });
});
afterEach(() => {
  Object.assign(settings.email, before, { waiting: { ...before.waiting } });
  vi.unstubAllEnvs();
});

const set = (changed: Partial<EmailSettings>) => Object.assign(settings.email, changed);
const arrive = async (body: object) => {
  const response = await invoke(notification, signedRequest(body));
  expect(response.status).toBe(200);
};
const swept = () =>
  invoke(
    sweep,
    new Request("https://hooks.example.com/.netlify/functions/sweep", { method: "POST", body: "{}" }),
  );
const subjects = () => office.mails().map(({ subject }) => subject);

const asset = { asset_id: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", version: 1_760_000_123 };

describe("names that people know", () => {
  it("the product and the name of the file come before the public id, and placeholders name each", async () => {
    const public_id = "products/SOFA-1/qbcbyv1lvfvctqcn8zum";
    await arrive(uploadBody({ ...asset, public_id, original_filename: "front view" }));
    await swept(); // The PIM handler learns the SKU.
    set({ rules: [{ subject: "{sku} | {filename} | {name} | {public_id} | {headline}" }] });
    await arrive({ ...eagerBody({ ...asset, public_id }) });
    await swept();
    expect(subjects()).toEqual([
      `SOFA-1 | front view | SOFA-1, front view | ${public_id} | 2 formats of SOFA-1, front view are ready`,
    ]);
    expect(office.mails()[0]?.text).toContain("SKU: SOFA-1");
  });

  it("a display name comes before the public id", async () => {
    await office.arrive(eagerBody({ public_id: "x7/q9", display_name: "Garden bench" }));
    await office.work();
    expect(subjects()[0]).toBe("2 formats of Garden bench are ready");
  });

  it("an unknown placeholder and an unknown time zone are errors when the receiver starts, and do not stop it", () => {
    const wrong: Settings = {
      ...settings,
      email: {
        ...settings.email,
        rules: [{ subject: "{headline}" }, { subject: "{skuu} {sku}" }],
        timeZone: "Berlin",
      },
    };
    const reading = readConfig(wrong);
    expect(reading.ok && reading.config.settingsProblems).toEqual([
      expect.stringMatching(
        /email\.rules\[1\]\.subject has an unknown placeholder \{skuu\}; known are .*\{sku\}/,
      ),
      expect.stringMatching(/email\.timeZone is not a time zone: Berlin/),
    ]);
  });

  it("times are in the time zone of the settings, and links need no token of ours", async () => {
    await office.arrive(decided("approved", { public_id: "guests/café.1" }));
    await office.work({ email: { timeZone: "America/New_York" } });
    const [mail] = office.mails();
    expect(mail?.text).toMatch(/Decided at: \d+ \w+ \d{4}, \d\d:\d\d (EDT|EST|GMT-[45])/);
    expect(mail?.text).toContain(
      "Open in Cloudinary: https://cloudinary.com/console/media_library/asset/image/upload/guests%2Fcaf%C3%A9%2E1",
    );
  });

  it("a public id that holds an address or a token is in no link", async () => {
    await office.arrive(eagerBody({ public_id: "guests/ada@example.com" }));
    await office.work();
    expect(office.mails()[0]?.text).not.toContain("Open in Cloudinary");
    expect(JSON.stringify(office.mails()[0]?.text)).not.toContain("ada%40");
  });
});

describe("the names of recognised people", () => {
  afterEach(async () => {
    inMails(false);
    await office.db.query("truncate face_pictures, face_people cascade");
  });

  const inMails = (is: boolean) => Object.assign(settings.faces, { inMails: is });
  const recognised = async (version = asset.version) => {
    const { rows } = await office.db.query<{ name: string; id: string }>(
      "insert into face_people (name) values ('Jörg O''Hara <b>'), ('山田 花子'), ('Zoe') returning name, id",
    );
    const face = (outcome: string, person: string | null, similarity: number | null) => ({
      box: { left: 0.123, top: 0.2, width: 0.1, height: 0.1 },
      outcome,
      person,
      similarity,
      sharpness: 77.7,
    });
    const [joerg, hanako] = rows.map(({ id }) => id);
    const faces = [
      face("recognised", hanako ?? "", 98.765),
      face("recognised", joerg ?? "", 91.234),
      face("unknown", null, null),
    ];
    await office.db.query(
      `insert into face_pictures (asset_id, public_id, resource_type, delivery_type, version, state, faces)
       values ($1, 'trailers/harbour', 'image', 'upload', $2, 'done', $3::jsonb)`,
      [asset.asset_id, version, JSON.stringify(faces)],
    );
  };
  const mailOf = async () => {
    await office.arrive(eagerBody(asset));
    await office.work();
    return office.mails()[0];
  };

  it("are in no mail by default", async () => {
    await recognised();
    const mail = await mailOf();
    expect(mail?.text).toContain("trailers/harbour");
    expect(`${mail?.text} ${mail?.html} ${mail?.subject}`).not.toMatch(/Jörg|山田|People/);
  });

  it("are in mails by setting, escaped, without anything else about the faces", async () => {
    inMails(true);
    await recognised();
    const mail = await mailOf();
    expect(mail?.text).toContain("People: Jörg O'Hara <b>, 山田 花子\n");
    expect(mail?.html).toContain("山田 花子");
    expect(mail?.html).not.toContain("O'Hara <b>");
    expect(`${mail?.text} ${mail?.html}`).not.toMatch(/Zoe|98\.7|91\.2|0\.123|77\.7|unknown/);
  });

  it("are not those of another version of the picture", async () => {
    inMails(true);
    await recognised(asset.version - 1);
    expect((await mailOf())?.text).not.toContain("People");
  });

  describe("while the picture is looked at", () => {
    const later = async (sql: string) => {
      await office.db.query(sql);
      await office.db.query("update deliveries set due_at = now() where handler = 'email'");
      await office.work();
      return office.mails()[0];
    };
    beforeEach(async () => {
      inMails(true);
      await arrive(uploadBody({ ...asset, public_id: "trailers/harbour" }));
      await office.db.query(
        "update deliveries set handler = 'faces:rekognition', subject = $1 where handler = 'pim'",
        [asset.asset_id],
      );
      expect(await mailOf()).toBeUndefined();
    });

    it("are waited for, without counting an attempt", async () => {
      const { rows } = await office.db.query(
        "select state, attempts - waits as counted, waits from deliveries where handler = 'email'",
      );
      expect(rows).toEqual([{ state: "due", counted: 0, waits: 1 }]);
      await recognised();
      const mail = await later("update deliveries set state = 'done' where handler = 'faces:rekognition'");
      expect(mail?.text).toContain("People: ");
    });

    it("are not waited for longer than five minutes", async () => {
      const mail = await later("update notifications set received_at = now() - interval '301 seconds'");
      expect(mail?.text).toContain("trailers/harbour");
    });
  });
});

describe("the consequence of a decision, in words", () => {
  const lead = async (body: object, moderation: Partial<Settings["moderation"]> = {}) => {
    const used = { ...settings.moderation };
    Object.assign(settings.moderation, moderation);
    try {
      await office.clear();
      await office.arrive(body);
      await office.work();
      return office.mails()[0]?.text ?? "";
    } finally {
      Object.assign(settings.moderation, used);
    }
  };
  const rule = (rejected: Settings["moderation"]["rules"][number]["rejected"]) => ({
    rules: [
      {
        approved: { do: "publish", by: "access-control" } as const,
        rejected,
        pending: { do: "nothing" } as const,
        aborted: { do: "nothing" } as const,
      },
    ],
  });

  it.each<[string, "rejected" | "approved" | "pending", Partial<Settings["moderation"]>, RegExp]>([
    ["is held", "rejected", rule({ do: "hold" }), /It is not deleted yet: that waits for your decision\./],
    ["is deleted", "rejected", rule({ do: "delete" }), /It is deleted from Cloudinary\./],
    [
      "is deleted later",
      "rejected",
      { ...rule({ do: "delete" }), deleteAfterMs: 3_600_000 },
      /It will be deleted at \d+ \w+ \d{4}, \d\d:\d\d UTC, unless somebody takes the decision back\./,
    ],
    ["is only recorded", "rejected", { ...rule({ do: "delete" }), dryRun: true }, /dry run/],
    ["is published", "approved", rule({ do: "delete" }), /It is published, if it was restricted\./],
    ["waits", "pending", rule({ do: "delete" }), /It waits for your decision\./],
  ])("an asset that %s (%s)", async (_what, status, moderation, words) => {
    expect(await lead(decided(status), moderation)).toMatch(words);
  });

  it("says what was done, and when", async () => {
    const body = decided("rejected", asset);
    await office.db.query(
      `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, carried_out_at)
       values ($1, $2, 'manual', 'rejected', now(), 'delete', '2026-03-02T10:15:00Z')`,
      [asset.asset_id, asset.version],
    );
    expect(await lead(body)).toContain("It was deleted at 2 Mar 2026, 10:15 UTC.");
  });
});

describe("what starts to wait for a person", () => {
  /** An upload whose type has no route to e-mail. */
  const pendingUpload = (changed: object = {}) =>
    uploadBody({
      moderation: [{ status: "pending", kind: "manual" }],
      public_id: "visitors/cat",
      ...changed,
    });
  const hoursPass = (hours: number) =>
    office.db.query(
      `with m as (update waiting_mails set mailed_at = mailed_at - $1::int * interval '1 hour')
       update moderation_decision set noted_at = noted_at - $1::int * interval '1 hour'`,
      [hours],
    );

  it("is mailed once, and reminded of once if it still waits", async () => {
    await arrive(pendingUpload());
    await swept(); // Moderation notes it.
    await Promise.all([swept(), swept()]);
    await swept();
    expect(subjects()).toEqual(["visitors/cat was uploaded and awaits a decision"]);
    expect(office.mails()[0]?.text).toContain("It waits for your decision.");
    await hoursPass(25);
    await swept();
    await hoursPass(48);
    await swept();
    expect(subjects()).toEqual([
      "visitors/cat was uploaded and awaits a decision",
      "Reminder: visitors/cat was uploaded and awaits a decision",
    ]);
  });

  it.each<[string, (asset: { asset_id: string; version: number }) => object]>([
    [
      "decided",
      (asset) =>
        decided("rejected", {
          ...asset,
          public_id: "visitors/cat",
          moderation_updated_at: new Date(Date.now() + 1_000).toISOString(),
        }),
    ],
    [
      "deleted",
      (asset) => ({
        notification_type: "delete",
        timestamp: new Date().toISOString(),
        request_id: hexId(),
        resources: [
          { resource_type: "image", type: "upload", public_id: "visitors/cat", ...asset },
          {
            resource_type: "image",
            type: "upload",
            public_id: "visitors/dog",
            asset_id: hexId(),
            version: 1,
          },
        ],
      }),
    ],
  ])("is not reminded of when it was %s", async (_what, ends) => {
    const cat = { asset_id: hexId(), version: 1_760_000_123 };
    await arrive(pendingUpload(cat));
    await swept();
    await swept();
    await arrive(ends(cat));
    await swept();
    await hoursPass(25);
    await swept();
    expect(subjects().filter((subject) => subject.includes("awaits"))).toHaveLength(1);
  });

  it("is not mailed a second time if its route mailed it", async () => {
    await arrive(decided("pending", { public_id: "visitors/cat" }));
    await swept();
    await swept();
    expect(subjects()).toEqual(["visitors/cat awaits a decision"]);
  });

  it("a rejection on hold was mailed by its route; its reminder says what it waits for", async () => {
    await arrive(decided("rejected", { public_id: "visitors/cat" }));
    await swept();
    await swept();
    expect(subjects()).toHaveLength(1);
    await hoursPass(25);
    await swept();
    expect(subjects()[1]).toMatch(/^Reminder: visitors\/cat was rejected/);
    expect(office.mails()[1]?.text).toContain("It is not deleted yet: that waits for your decision.");
  });

  it("is on one list a day by setting, until it is decided", async ({ onTestFinished }) => {
    holdClock(onTestFinished);
    const hour = new Date(Date.now() - 30 * 60_000).getUTCHours();
    set({ waiting: { send: "daily", remindAfterMs: 1, dailyHour: hour } });
    for (let i = 0; i < 3; i += 1) await arrive(pendingUpload({ public_id: `visitors/cat-${i}` }));
    await swept();
    await hoursPass(2); // They waited when the list was due.
    await swept();
    expect(subjects()).toEqual([]);
    await office.db.query("update deliveries set due_at = now() where state = 'due'"); // The next minute.
    await swept();
    expect(subjects()).toEqual(["3 notifications from Cloudinary, 3 need attention"]);
    await swept();
    await office.db.query("update deliveries set due_at = now() where state = 'due'");
    await swept();
    expect(subjects()).toHaveLength(1);
  });

  it("is not mailed by setting", async () => {
    set({ waiting: { send: "off", remindAfterMs: 1, dailyHour: 8 } });
    await arrive(pendingUpload());
    await swept();
    await swept();
    expect(subjects()).toEqual([]);
  });
});
