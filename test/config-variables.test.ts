import { describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { redact } from "../src/lib/shared/redact.ts";
import { settings } from "../src/settings.ts";

const database = "postgresql://app:s3cr3t@db.example.com:5432/app?sslmode=verify-full";
const account = "cloudinary://123456789012345:aRealLookingSecret_0123456@acme";
const token = "SG.aRealLookingKey.0123456789abcdef";
const read = (set: Record<string, string>) =>
  readConfig(settings, "", {
    DATABASE_URL: database,
    CLOUDINARY_URL: account,
    CLOUDINARY_WEBHOOK_SECRETS: "webhooks:a-Webhook-secret_of-27-char",
    ...set,
  });
const config = (set: Record<string, string>) => {
  const reading = read(set);
  if (!reading.ok) throw new Error(reading.problems.join("; "));
  return reading.config;
};
const problems = (set: Record<string, string>) => {
  const reading = read(set);
  return reading.ok ? [] : reading.problems;
};

describe("DATABASE_URL", () => {
  it.each([
    `DATABASE_URL=${database}`,
    `export DATABASE_URL="${database}"`,
    `'${database}'`,
    `psql '${database}'`,
    `psql "${database}"`,
    `psql ${database}`,
    `  ${database}\n`,
  ])("is understood as pasted: %s", (pasted) => {
    expect(config({ DATABASE_URL: pasted })).toMatchObject({ databaseUrl: database, warnings: [] });
  });

  it.each([
    ["https://db.example.com/app", "is not of the form postgresql://"],
    ["db.example.com", "is not of the form postgresql://"],
    ["postgresql://app:[YOUR-PASSWORD]@db.example.com:5432/app", "placeholder"],
    ["postgresql://app:<password>@db.example.com/app", "placeholder"],
    ["postgresql://your_user:s3cr3t@db.example.com/app", "placeholder"],
    ["postgresql://app:s3cr3t@db.example.com/app?sslmode=required", "unknown sslmode"],
    ["postgresql://app:s3cr3t@db.example.com/app?sslmode=verify-full&sslrootcert=ca.pem", "DATABASE_CA"],
  ])("%s is named as wrong, without its value", (url, reason) => {
    const [problem = "", ...more] = problems({ DATABASE_URL: url });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^DATABASE_URL /);
    expect(problem).toContain(reason);
    expect(problem).not.toContain("s3cr3t");
  });

  it("to another host without encryption is a warning, and none to this machine or with encryption", () => {
    const warnings = (url: string) => config({ DATABASE_URL: url }).warnings;
    expect(warnings("postgresql://app:s3cr3t@db.example.com/app")).toEqual([
      expect.stringMatching(/^DATABASE_URL .*without encryption.*sslmode=require/),
    ]);
    for (const url of [
      "postgresql://app:s3cr3t@127.0.0.1/app",
      "postgresql://app:password@localhost/app",
      "postgresql://app:s3cr3t@[::1]/app",
      "postgresql://app:s3cr3t@postgres:5432/app",
      "postgresql://app:s3cr3t@db.example.com/app?sslmode=require&channel_binding=require",
    ])
      expect([url, warnings(url)]).toEqual([url, []]);
  });

  it("an invalid DATABASE_CA is named", () => {
    expect(problems({ DATABASE_CA: "/etc/ssl/ca.pem" })).toEqual([expect.stringMatching(/^DATABASE_CA /)]);
  });
});

describe("CLOUDINARY_URL", () => {
  it.each([
    [`CLOUDINARY_URL=${account}`, "without quotes or the variable's name"],
    [`"${account}"`, "without quotes"],
    ["cloudinary://<your_api_key>:<your_api_secret>@acme", "placeholder"],
    ["cloudinary://<your_api_key>:aRealLookingSecret_0123456@acme", "placeholder instead of a key"],
    [
      "cloudinary://123456789012345:aRealLookingSecret_0123456@<cloud_name>",
      "placeholder instead of a cloud",
    ],
    ["cloudinary://123456789012345:aRealLookingSecret_0123456@cloud_name", "placeholder instead of a cloud"],
    ['cloudinary://123456789012345:"aRealLookingSecret_0123456"@acme', "placeholder"],
  ])("%s is named as wrong, without its value", (url, reason) => {
    const [problem = "", ...more] = problems({ CLOUDINARY_URL: url });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^CLOUDINARY_URL /);
    expect(problem).toContain(reason);
    expect(problem).not.toContain("aRealLookingSecret");
  });
});

describe("TO_RECIPIENTS", () => {
  const mail = (to: string) =>
    config({ SENDGRID_API_KEY: token, FROM_VERIFIED_SENDER: "shop@example.com", TO_RECIPIENTS: to });

  it.each([
    ["ada@example.com", ["ada@example.com"]],
    ["Ada Lovelace <ada@example.com>", ["ada@example.com"]],
    ['"Lovelace, Ada" <ada@example.com>; grace@example.com', ["ada@example.com", "grace@example.com"]],
    [
      "ada@example.com,grace@example.com;alan@example.co.uk",
      ["ada@example.com", "grace@example.com", "alan@example.co.uk"],
    ],
    ["ada@example.com grace@example.com", ["ada@example.com", "grace@example.com"]],
    ["ada@example.com,\nAda <ada@example.com>", ["ada@example.com"]],
    ["TO_RECIPIENTS=ada+shop@example.com", ["ada+shop@example.com"]],
    ["'ada@example.com, grace@example.com'", ["ada@example.com", "grace@example.com"]],
  ])("%j is read by rule", (text, to) => {
    expect(mail(text)).toMatchObject({ mail: { to }, warnings: [] });
  });

  it.each([
    ["Ada Lovelace", 1],
    ["grace@example.com, ada(at)example.com", 2],
    ["grace@example.com, ada@localhost", 2],
    ["grace@example.com, Ada <ada@example.com> Lovelace", 2],
    ["grace@example.com, Ada ada@example.com", 2],
    ["grace@example.com; <>", 2],
    ["grace@example.com, a@b@example.com", 2],
  ])("%j: the invalid entry is named by its position, and gets no mail", (text, place) => {
    const { mail: account, warnings } = mail(text);
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^TO_RECIPIENTS: entry ${place} `))]);
    expect(account?.to ?? []).toEqual(place === 1 ? [] : ["grace@example.com"]);
    expect(warnings.join()).not.toContain("example.com");
  });

  it("an invalid sender address and a placeholder as key are named", () => {
    const { warnings } = config({
      SENDGRID_API_KEY: "<your_api_key>",
      FROM_VERIFIED_SENDER: "shop",
      TO_RECIPIENTS: "ada@example.com",
    });
    expect(warnings).toEqual([
      expect.stringMatching(/^SENDGRID_API_KEY /),
      expect.stringMatching(/^FROM_VERIFIED_SENDER /),
    ]);
  });

  it("a sender with a name is reduced to its address", () => {
    const set = { SENDGRID_API_KEY: token, FROM_VERIFIED_SENDER: "Shop <shop@example.com>" };
    expect(config({ ...set, TO_RECIPIENTS: "ada@example.com" }).mail?.from).toBe("shop@example.com");
  });
});

describe("AKENEO_…", () => {
  const set = {
    AKENEO_URL: "https://shop.demo.cloud.akeneo.com",
    AKENEO_CLIENT_ID: "1_4gm4rnoizp8gskgkk080ssoo80040g44",
    AKENEO_SECRET: "5dyvo1z6y34so4ogkgksw88ookoows00c",
    AKENEO_USERNAME: "shop_9261",
    AKENEO_PASSWORD: "64bngr78-<and>*more",
  };

  it("is the account, with or without a user", () => {
    const { akeneo, warnings } = config(set);
    expect(warnings).toEqual([]);
    expect(akeneo).toEqual({
      problems: [],
      account: {
        url: set.AKENEO_URL,
        clientId: set.AKENEO_CLIENT_ID,
        secret: set.AKENEO_SECRET,
        user: { name: set.AKENEO_USERNAME, password: set.AKENEO_PASSWORD },
      },
    });
    const { AKENEO_USERNAME: _, AKENEO_PASSWORD: __, ...client } = set;
    expect(config(client).akeneo).toMatchObject({ problems: [], account: { user: null } });
    expect(config({}).akeneo).toBeNull();
  });

  it.each(["", "/", "/api", "/api/rest/v1/", "/api/oauth/v1"])("the URL may end with %s", (end) => {
    const { akeneo } = config({ ...set, AKENEO_URL: `AKENEO_URL="${set.AKENEO_URL}/pim${end}"` });
    expect(akeneo?.account.url).toBe(`${set.AKENEO_URL}/pim`);
  });

  it.each([
    ["AKENEO_URL", "shop.demo.cloud.akeneo.com", "https://<host>"],
    ["AKENEO_URL", "http://shop.demo.cloud.akeneo.com", "https://<host>"],
    ["AKENEO_URL", "https://s3cr3t@shop.example.com", "not contain a user"],
    ["AKENEO_URL", "", "missing"],
    ["AKENEO_CLIENT_ID", "", "missing"],
    ["AKENEO_CLIENT_ID", "<your_client_id>", "placeholder"],
    ["AKENEO_SECRET", "", "missing"],
    ["AKENEO_USERNAME", "", "missing"],
    ["AKENEO_PASSWORD", "", "missing"],
  ])("%s=%s is named, without its value, and receiving continues", (name, text, reason) => {
    const { akeneo, warnings } = config({ ...set, [name]: text });
    expect(warnings).toEqual([expect.stringMatching(new RegExp(`^${name} `))]);
    expect(warnings[0]).toContain(reason);
    expect(warnings[0]).not.toContain("s3cr3t");
    expect(akeneo?.problems).toEqual(warnings);
  });

  it("its secrets are removed from logs", () => {
    config(set);
    expect(redact(`${set.AKENEO_SECRET} ${set.AKENEO_PASSWORD}`)).toBe("[secret] [secret]");
  });
});
