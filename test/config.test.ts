import { describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import { redact } from "../src/lib/shared/redact.ts";
import { settings } from "../src/settings.ts";
import type { Settings } from "../src/settings.types.ts";

const apiSecret = "an-Api-secret_of-27-chars-1";
const webhookSecret = "a-Webhook-secret_of-27-char";
const account = `cloudinary://123456789012345:${apiSecret}@shop`;

function read(
  webhookSecrets: string,
  { url = account, changed = settings }: { url?: string; changed?: Settings } = {},
) {
  return readConfig(changed, "production", {
    DATABASE_URL: "postgres://here",
    CLOUDINARY_URL: url,
    CLOUDINARY_WEBHOOK_SECRETS: webhookSecrets,
  });
}

function secretsOf(reading: ReturnType<typeof read>) {
  if (!reading.ok) throw new Error(reading.problems.join("; "));
  return reading.config.secrets.map(({ name, cloud, expiresAt }) => ({ name, cloud, expiresAt }));
}

describe("which secrets verify", () => {
  it("only the API secret, for its cloud, if no secret is listed", () => {
    expect(secretsOf(read(""))).toEqual([{ name: "CLOUDINARY_URL", cloud: "shop", expiresAt: null }]);
  });

  it("only the listed secrets, if there are any", () => {
    expect(secretsOf(read(`main:${webhookSecret}`))).toEqual([
      { name: "main", cloud: "shop", expiresAt: null },
    ]);
  });

  it("the API secret after the listed ones, if a setting allows it", () => {
    const changed = { ...settings, receive: { ...settings.receive, apiSecretVerifies: true } };
    expect(secretsOf(read(`main:${webhookSecret}`, { changed })).map(({ name }) => name)).toEqual([
      "main",
      "CLOUDINARY_URL",
    ]);
  });

  it("a listed secret belongs to its cloud, with or without a date", () => {
    expect(
      secretsOf(
        read(`a:${webhookSecret}#other-cloud b:${webhookSecret}2@2028-02-29#third c:${webhookSecret}3`),
      ),
    ).toEqual([
      { name: "a", cloud: "other-cloud", expiresAt: null },
      { name: "b", cloud: "third", expiresAt: Date.UTC(2028, 1, 29, 23, 59, 59, 999) },
      { name: "c", cloud: "shop", expiresAt: null },
    ]);
  });

  it("without an account, a secret has its own cloud, or none", () => {
    expect(secretsOf(read(`a:${webhookSecret}#other b:${webhookSecret}2#third`, { url: "" }))).toMatchObject([
      { name: "a", cloud: "other" },
      { name: "b", cloud: "third" },
    ]);
    expect(secretsOf(read(`a:${webhookSecret}`, { url: "" }))).toMatchObject([{ name: "a", cloud: null }]);
    expect(read(`a:${webhookSecret}#other b:${webhookSecret}2`, { url: "" })).toEqual({
      ok: false,
      problems: [expect.stringMatching(/^CLOUDINARY_WEBHOOK_SECRETS: b needs a cloud/)],
    });
  });

  it("an API secret that does not verify is also removed from logs", () => {
    read(`main:${webhookSecret}`);
    expect(redact(`${apiSecret} ${webhookSecret}`)).toBe("[secret] [secret]");
  });
});

describe("rejected secrets, named by their variable", () => {
  it.each([
    ["fewer than 16 characters", "main:fifteen-letters", "main has a secret of fewer than 16 characters"],
    ["31 February", `main:${webhookSecret}@2027-02-31`, "main has a date that does not exist"],
    [
      "29 February of a year without one",
      `main:${webhookSecret}@2027-02-29`,
      "main has a date that does not exist",
    ],
    ["month 13", `main:${webhookSecret}@2027-13-01`, "main has a date that does not exist"],
    ["a date of another form", `main:${webhookSecret}@2027-1-1`, "main is not of the form"],
    ["an empty cloud", `main:${webhookSecret}#`, "main is not of the form"],
    ["the date after the cloud", `main:${webhookSecret}#shop@2027-01-01`, "main is not of the form"],
    ["no name", webhookSecret, "entry 1 is not of the form"],
    ["one name twice", `main:${webhookSecret} main:${webhookSecret}2`, "main is the name of two secrets"],
    ["one secret twice", `a:${webhookSecret}#one b:${webhookSecret}#two`, "b has the same secret as a"],
    ["the name of the API secret", `CLOUDINARY_URL:${webhookSecret}`, "CLOUDINARY_URL is a reserved name"],
  ])("%s", (_what, list, problem) => {
    const reading = read(list);
    expect(reading.ok).toBe(false);
    const problems = reading.ok ? [] : reading.problems;
    expect(problems).toEqual([expect.stringContaining(`CLOUDINARY_WEBHOOK_SECRETS: ${problem}`)]);
    expect(problems.join()).not.toContain(webhookSecret);
  });

  it("an API secret of fewer than 16 characters", () => {
    const reading = read("", { url: "cloudinary://123456789012345:fifteen-letters@shop" });
    expect(reading).toEqual({
      ok: false,
      problems: ["CLOUDINARY_URL has an API secret of fewer than 16 characters"],
    });
  });
});

describe("several clouds", () => {
  const other = "another-Api-secret_of-27-ch";
  const third = "a-third-Api-secret_of-27-ch";
  const clouds = (variables: Record<string, string>) =>
    readConfig(settings, "production", { DATABASE_URL: "postgres://here", ...variables });
  const accountsOf = (reading: ReturnType<typeof clouds>) => {
    if (!reading.ok) throw new Error(reading.problems.join("; "));
    const { accounts, cloudinary, ownCloud } = reading.config;
    return {
      accounts: accounts.map(({ cloudName, assetPrefix }) => [cloudName, assetPrefix ?? ""]),
      first: cloudinary?.cloudName,
      ownCloud,
    };
  };
  const urls = `cloudinary://1111:${other}@campaigns\n cloudinary://2222:${third}@archive`;

  it("that of CLOUDINARY_URL is the first, then those of CLOUDINARY_URLS in their order", () => {
    expect(accountsOf(clouds({ CLOUDINARY_URL: account, CLOUDINARY_URLS: urls }))).toEqual({
      accounts: [
        ["shop", ""],
        ["campaigns", "campaigns:"],
        ["archive", "archive:"],
      ],
      first: "shop",
      ownCloud: "shop",
    });
    expect(accountsOf(clouds({ CLOUDINARY_URLS: urls }))).toMatchObject({ first: "campaigns" });
    expect(accountsOf(clouds({ CLOUDINARY_URL: account, CLOUDINARY_URLS: account }))).toMatchObject({
      accounts: [["shop", ""]],
    });
  });

  it("each is verified by its listed secrets, or by its API secret if none is listed", () => {
    const variables = { CLOUDINARY_URL: account, CLOUDINARY_URLS: urls };
    expect(secretsOf(clouds(variables)).map(({ name, cloud }) => [name, cloud])).toEqual([
      ["CLOUDINARY_URL", "shop"],
      ["CLOUDINARY_URL#campaigns", "campaigns"],
      ["CLOUDINARY_URL#archive", "archive"],
    ]);
    const listed = `main:${webhookSecret} marketing:${webhookSecret}2#campaigns`;
    const reading = clouds({ ...variables, CLOUDINARY_WEBHOOK_SECRETS: listed });
    expect(secretsOf(reading).map(({ name, cloud }) => [name, cloud])).toEqual([
      ["main", "shop"],
      ["marketing", "campaigns"],
      ["CLOUDINARY_URL#archive", "archive"],
    ]);
    expect(redact(`${other} ${third}`)).not.toMatch(/Api-secret/);
  });

  it.each([
    ["one with two keys", `cloudinary://9:${other}@shop`, "the cloud shop has two different keys"],
    ["two with one secret", `cloudinary://9:${apiSecret}@campaigns`, "the same API secret as another cloud"],
    ["a placeholder", `cloudinary://9:<secret>@campaigns`, "entry 1 holds a placeholder instead of a secret"],
    ["not an account", "campaigns", "entry 1 is not of the form cloudinary://"],
  ])("%s is rejected", (_what, list, problem) => {
    expect(clouds({ CLOUDINARY_URL: account, CLOUDINARY_URLS: list })).toMatchObject({
      ok: false,
      problems: [expect.stringContaining(problem)],
    });
  });

  it("a listed secret of one that is the API secret of another is rejected", () => {
    const variables = { CLOUDINARY_URL: account, CLOUDINARY_URLS: urls };
    expect(clouds({ ...variables, CLOUDINARY_WEBHOOK_SECRETS: `main:${other}` })).toMatchObject({
      ok: false,
      problems: [expect.stringContaining("main is the API secret of the cloud campaigns")],
    });
  });
});
