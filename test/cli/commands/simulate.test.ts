import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../support/free-port.ts";
import { type Ran, run } from "../../support/run.ts";
import { testSecret } from "../../support/signed-request.ts";
import { commandSite, given, token } from "../command-site.ts";

let site: Awaited<ReturnType<typeof commandSite>>;
beforeAll(async () => {
  site = await commandSite();
});
afterAll(() => site.close());
afterEach(() => site.sendgrid.faults.clear());

const simulate = (args: readonly string[], env?: Record<string, string>): Promise<Ran> =>
  site.webhooks(["simulate", ...args], env);

async function count(table: "notifications" | "deliveries"): Promise<number> {
  const { rows } = await site.database.db.query<{ n: number }>(`select count(*)::int as n from ${table}`);
  return rows[0]?.n ?? -1;
}

describe("sends a notification that is processed", () => {
  it("eager: stores the secure_url with the product and sends one e-mail", async () => {
    const mailsBefore = site.sendgrid.mailbox.list().length;
    const { code, stdout, stderr } = await simulate(["eager"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/200 in \d+ ms: recorded as [0-9a-f-]{36}/);
    expect(stdout).toMatch(/email +done/);
    expect(stdout).toMatch(/pim +done/);

    const { rows } = await site.database.db.query<{ secure_url: string }>(
      "select secure_url from pim_product_image where sku = 'VASE-1'",
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]?.secure_url).toMatch(
      /^https:\/\/res\.cloudinary\.com\/demo\/image\/upload\/.+\/v\d{10}\/products\/VASE-1\/main\.jpg$/,
    );
    expect(site.sendgrid.mailbox.list().length - mailsBefore).toBe(1);
  });

  it.each(["upload", "delete"])("%s: exits with 0", async (type) => {
    const { code, stdout, stderr } = await simulate([type]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/pim +(done|skipped)/);
    const { rows } = await site.database.db.query<{ type: string }>(
      "select type from notifications order by received_at desc limit 1",
    );
    expect(rows).toEqual([{ type }]);
  });

  it("moderation: exits with 1 while Cloudinary, which has to confirm the decision, does not respond", async () => {
    const { code, stdout } = await simulate(["moderation"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/moderation +retry at .*Cloudinary did not respond/);
    expect(stdout).toMatch(/pim +done/);
  });

  it("sends a new notification each time", async () => {
    const before = await count("notifications");
    await Promise.all([simulate(["delete"]), simulate(["delete"])]);
    expect(await count("notifications")).toBe(before + 2);
  });

  it("eager after delete restores the picture", async () => {
    const pictures = async () =>
      (
        await site.database.db.query(
          "select from pim_product_image where sku = 'VASE-1' and rendition <> 'original'",
        )
      ).rowCount;
    // Cloudinary's versions are seconds: the next thing that happens is of a later one than all before it.
    const nextVersion = () => new Promise((resolve) => setTimeout(resolve, 1_100));
    for (const [type, shown] of [
      ["eager", 1],
      ["delete", 0],
      ["eager", 1],
    ] as const) {
      await nextVersion();
      await simulate([type]);
      expect(await pictures(), type).toBe(shown);
    }
  });
});

it("prints the record as JSON with --json", async () => {
  const { code, stdout } = await simulate(["upload", "--json"]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    notifications: [
      {
        ended: "well",
        sending: { timesSeen: 1 },
        record: {
          type: "upload",
          publicId: "products/VASE-1/main",
          verdict: { secretName: "CLOUDINARY_URL", algorithm: "sha1" },
          deliveries: expect.arrayContaining([expect.objectContaining({ handler: "pim", state: "done" })]),
        },
      },
    ],
  });
});

it("exits with 1 if a delivery fails, and prints the reason", async () => {
  site.sendgrid.faults.add({ kind: "status", status: 401, times: 9 });
  const { code, stdout } = await simulate(["eager"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/email +dead after 1 attempt: .*401/);
  expect(stdout).toMatch(/pim +done/);
});

it("does not wait for a later retry", async () => {
  site.sendgrid.faults.add({ kind: "status", status: 500, times: 9 });
  const startedAt = Date.now();
  const { code, stdout } = await simulate(["eager"]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/email +retry at 20/);
  expect(Date.now() - startedAt).toBeLessThan(15_000);
});

describe("explains errors", () => {
  it("when the secret is wrong; nothing is recorded", async () => {
    const before = await count("notifications");
    const wrong = given({ CLOUDINARY_URL: "cloudinary://123456789012345:Another-secret_of_27-chars@demo" });
    const { code, stdout, stderr } = await simulate(["eager"], wrong);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("401 signature-mismatch");
    expect(stderr).toContain("CLOUDINARY_URL");
    expect(await count("notifications")).toBe(before);
  });

  it("when the token is wrong: recorded, but the record cannot be read", async () => {
    const { code, stderr } = await simulate(
      ["delete"],
      given({ OPERATOR_TOKEN: "9f1e9d7c4b5a60828796a5b4c3d2e1f0" }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/Recorded as [0-9a-f-]{36}.*OPERATOR_TOKEN/);
  });

  it("when no receiver is running in the folder", async () => {
    const { code, stderr } = await run(site.folder, ["src/cli/main.ts", "simulate", "eager"], given());
    expect(code).toBe(1);
    expect(stderr).toContain("npm start");
  });

  it("when there is no answer from the address", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await run(
      site.folder,
      ["src/cli/main.ts", "simulate", "eager", "--url", url],
      given(),
    );
    expect(code).toBe(1);
    expect(stderr).toContain(`No answer from ${url}`);
  });

  it("when the address is not a receiver", async () => {
    const { code, stderr } = await run(
      site.folder,
      ["src/cli/main.ts", "simulate", "eager", "--url", `${site.mailUrl}/`],
      given(),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/answered 404, but is not a receiver/);
  });

  it.each([
    [
      ["nope"],
      "'nope' is invalid for argument 'type'. Allowed choices are upload, eager, moderation, delete.",
    ],
    [[], "missing required argument 'type'"],
    [["eager", "upload"], "too many arguments for 'simulate'"],
  ])("when the arguments are %j", async (types, expected) => {
    const { code, stderr } = await simulate(types);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(expected) });
  });
});

describe("without environment variables", () => {
  beforeAll(async () => {
    await mkdir(join(site.folder, ".local"));
    const stack = {
      pid: process.pid,
      folder: site.folder,
      url: site.url,
      localUrl: site.mailUrl,
      controlPort: 1,
      nonce: "of the stack",
    };
    const credentials = {
      cloudName: "local",
      apiKey: "123456789012345",
      apiSecret: testSecret,
      sendgridApiKey: "SG.local",
      operatorToken: token,
    };
    await writeFile(join(site.folder, ".local/stack.json"), JSON.stringify(stack));
    await writeFile(join(site.folder, ".local/credentials.json"), JSON.stringify(credentials));
  });

  it("uses the address, secret and token of the local receiver", async () => {
    const { code, stdout, stderr } = await run(site.folder, ["src/cli/main.ts", "simulate", "upload"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain(`POST ${site.url}/webhooks/upload`);
    expect(stdout).not.toContain(testSecret);
  });

  it("does not sign for another receiver with the local secret", async () => {
    const before = await count("notifications");
    const { code, stderr } = await run(site.folder, [
      "src/cli/main.ts",
      "simulate",
      "upload",
      "--url",
      "https://hooks.example.com",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /No secret to sign notifications for https:\/\/hooks\.example\.com: CLOUDINARY_URL/,
    );
    expect(await count("notifications")).toBe(before);
  });
});
