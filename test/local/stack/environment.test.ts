import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvironment } from "../../../src/cli/environment.ts";
import { UserError } from "../../../src/cli/user-error.ts";
import { folderCredentials } from "../../../src/local/stack/credentials.ts";
import { stackEnvironment } from "../../../src/local/stack/environment.ts";

const localUrl = "http://127.0.0.1:8889";
const realCloudinary = "cloudinary://111222333444555:aRealLookingSecret_0123456@acme";
const realSendgrid = "SG.aRealLookingKey.0123456789";
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-environment-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const given = async (set: Record<string, string>) =>
  stackEnvironment(readEnvironment(folder, set), { credentials: await folderCredentials(folder), localUrl });

describe("variables", () => {
  it("shell variables take precedence over .env, and .env.local over .env", async () => {
    await writeFile(join(folder, ".env"), "PORT=1111\nLOCAL_PORT=2222\nTO_RECIPIENTS=env@example.com\n");
    await writeFile(join(folder, ".env.local"), "LOCAL_PORT=3333\n");
    expect(readEnvironment(folder, { PORT: "4444" })).toEqual({
      PORT: "4444",
      LOCAL_PORT: "3333",
      TO_RECIPIENTS: "env@example.com",
    });
  });

  it("an empty one counts as unset, so that a copied .env.example changes nothing", async () => {
    await writeFile(
      join(folder, ".env"),
      "CLOUDINARY_URL=\nSENDGRID_API_KEY=\nOPERATOR_TOKEN=\nDATABASE_URL=\n",
    );
    const environment = await given({ CLOUDINARY_URL: " " });
    expect(environment).toMatchObject({ localCloudinary: true, localMail: true, databaseUrl: null });
  });
});

describe("emulators", () => {
  it("replace both services if nothing is set, with the same credentials at each start", async () => {
    const first = await given({});
    expect(first).toMatchObject({ localCloudinary: true, localMail: true });
    expect(first.variables.CLOUDINARY_URL).toMatch(
      /^cloudinary:\/\/\d{15}:[\w-]{27}@local\?upload_prefix=http%3A%2F%2F127\.0\.0\.1%3A8889$/,
    );
    expect(first.variables.SENDGRID_BASE_URL).toBe(localUrl);
    expect(first.variables.FROM_VERIFIED_SENDER).toMatch(/@example\.com$/);
    expect(first.variables.TO_RECIPIENTS).toMatch(/@example\.com$/);
    expect(first.operatorToken.length).toBeGreaterThanOrEqual(32);
    expect(await given({})).toEqual(first);
  });

  it("a real Cloudinary is not replaced, and its secret is not changed", async () => {
    const { variables, ...environment } = await given({ CLOUDINARY_URL: realCloudinary });
    expect(environment).toMatchObject({ localCloudinary: false, localMail: true });
    expect(variables.CLOUDINARY_URL).toBe(realCloudinary);
  });

  it("a real SendGrid is not replaced, and gets no default addresses", async () => {
    const { variables, ...environment } = await given({ SENDGRID_API_KEY: realSendgrid });
    expect(environment).toMatchObject({ localCloudinary: true, localMail: false });
    expect(variables).toMatchObject({ SENDGRID_API_KEY: realSendgrid });
    for (const name of ["SENDGRID_BASE_URL", "FROM_VERIFIED_SENDER", "TO_RECIPIENTS"])
      expect(variables).not.toHaveProperty(name);
  });

  it("Akeneo gets one only where LOCAL_AKENEO asks for it, and no credentials of its own are set", async () => {
    const without = await given({});
    expect(without).toMatchObject({ localAkeneo: false });
    expect(without.variables).not.toHaveProperty("AKENEO_URL");
    const asked = await given({ LOCAL_AKENEO: "true" });
    expect(asked).toMatchObject({ localAkeneo: true, variables: { AKENEO_URL: localUrl } });
    expect(asked.warnings).toEqual(without.warnings);
    const real = {
      LOCAL_AKENEO: "true",
      AKENEO_URL: "https://shop.cloud.akeneo.com",
      AKENEO_SECRET: "theirs",
    };
    const { variables, localAkeneo } = await given(real);
    expect(localAkeneo).toBe(false);
    expect(variables).toMatchObject(real);
    expect(variables).not.toHaveProperty("AKENEO_PASSWORD");
  });

  it("the emulator's key is only sent to the emulator, even if SENDGRID_BASE_URL is another host", async () => {
    const { variables } = await given({
      SENDGRID_BASE_URL: "https://api.sendgrid.com",
      TO_RECIPIENTS: "me@example.org",
    });
    expect(variables.SENDGRID_BASE_URL).toBe(localUrl);
    expect(variables.TO_RECIPIENTS).toBe("me@example.org");
  });

  it("a configured operator token is used", async () => {
    const token = "ada:3f1e9d7c4b5a60828796a5b4c3d2e1f0";
    const environment = await given({ OPERATOR_TOKEN: token });
    expect(environment.variables.OPERATOR_TOKEN).toBe(token);
    expect(environment.operatorToken).toBe("3f1e9d7c4b5a60828796a5b4c3d2e1f0");
  });
});

it.each([
  [{ CLOUDINARY_URL: "cloudinary://hush-hush" }, ["CLOUDINARY_URL"]],
  [{ OPERATOR_TOKEN: "too-short-hush" }, ["OPERATOR_TOKEN"]],
  [
    { CLOUDINARY_URL: "https://hush.example.com", CLOUDINARY_WEBHOOK_SECRETS: "hush" },
    ["CLOUDINARY_URL", "CLOUDINARY_WEBHOOK_SECRETS"],
  ],
])("names the variables that are set wrongly, and none of their values: %o", async (wrong, names) => {
  const refused = await given(wrong).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UserError);
  for (const name of names) expect(String(refused)).toContain(name);
  expect(String(refused)).not.toContain("hush");
});
