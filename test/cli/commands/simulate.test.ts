import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { inventedAsset } from "../../../src/cli/simulate/asset.ts";
import { bodyOf } from "../../../src/cli/simulate/bodies.ts";
import { standInUrl } from "../../../src/cli/stack-files.ts";
import { patienceMs } from "../../../src/cli/watch.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { notificationTypes } from "../../../src/lib/notifications/types.ts";
import { type Fetch, type Serving, serve } from "../../../src/local/server.ts";
import { type StandIns, standIns } from "../../../src/local/stand-ins.ts";
import { runWebhooks } from "../../support/command-line.ts";
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
    expect(stdout).toMatch(/email +done +1 mail to a…@example\.com/);
    expect(stdout).toMatch(/pim +done +VASE-1 has 1 picture \(0 before\)/);
    expect(stdout).toContain(`  product       ${site.url}/console/product?sku=VASE-1`);
    expect(stdout).toContain("The picture does not exist");

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
  expect(Date.now() - startedAt).toBeLessThan(patienceMs);
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
    [["uplaod"], "error: value 'uplaod' is invalid for argument 'type'. \n(Did you mean upload?)\n"],
    [[], "missing required argument 'type'"],
    [["eager", "upload"], "too many arguments for 'simulate'"],
  ])("when the arguments are %j", async (types, expected) => {
    const { code, stderr } = await simulate(types);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(expected) });
  });
});

it("knows every type: each sample is valid, recorded as its type, and fails in no handler", async () => {
  for (const type of notificationTypes) {
    const asset = inventedAsset({ cloudName: "demo", publicId: "products/VASE-1/main", now: new Date() });
    const body = bodyOf(type, { asset, apiKey: "1", now: new Date(), isPending: false });
    const parsed = parse(Buffer.from(JSON.stringify(body)), null);
    expect([type, parsed.ok && parsed.notification.type, !parsed.ok && parsed.issues]).toEqual([
      type,
      type,
      false,
    ]);
  }
});

describe("variations", () => {
  const bodyOfLast = async (): Promise<Record<string, unknown>> => {
    const { rows } = await site.database.db.query<{ body: Buffer; algorithm: string }>(
      "select body, algorithm from notifications order by received_at desc limit 1",
    );
    return { ...JSON.parse(String(rows[0]?.body)), algorithm: rows[0]?.algorithm };
  };

  it("--set changes the body, --sha256 its signature", async () => {
    const change = ["--set", "tags[0]=new", "--set", "context.custom.alt=A vase", "--set", "bytes=7"];
    const { code } = await simulate(["upload", "--sha256", ...change]);
    expect(code).toBe(0);
    expect(await bodyOfLast()).toMatchObject({
      notification_type: "upload",
      tags: ["new"],
      context: { custom: { alt: "A vase" } },
      bytes: 7,
      algorithm: "sha256",
    });
  });

  it("--file sends a body of one's own, with the type", async () => {
    await writeFile(
      join(site.folder, "mine.json"),
      '{"public_id":"mine","folder_path":"a","folder_name":"a"}',
    );
    const { code } = await simulate(["create_folder", "--file", "mine.json", "--set", "folder_name=b"]);
    expect(code).toBe(0);
    expect(await bodyOfLast()).toMatchObject({
      notification_type: "create_folder",
      public_id: "mine",
      folder_name: "b",
    });
  });

  it.each([
    ["--stale", /^401 timestamp-too-old in \d+ ms: rejected, as it must be$/m],
    ["--tamper", /^401 signature-mismatch in \d+ ms: rejected, as it must be$/m],
  ])("%s: exits with 0 if it is rejected", async (option, expected) => {
    const before = await count("notifications");
    const { code, stdout } = await simulate(["delete", option]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(expected) });
    expect(await count("notifications")).toBe(before);
  });

  it("--repeat sends so many new notifications, at a rate", async () => {
    const before = await count("notifications");
    const { code, stdout } = await simulate(["create_folder", "--repeat", "5", "--rate", "20"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^5 notifications sent in [\d.]+ s, 5 recorded\./),
    });
    expect(await count("notifications")).toBe(before + 5);
  });

  it("--dry-run sends nothing and says what each handler would do", async () => {
    const before = await count("notifications");
    const { code, stdout } = await simulate(["moderation", "--dry-run"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^moderation, not sent:$/m);
    expect(stdout).toMatch(
      /^ {2}email +would send "products\/VASE-1\/main was approved by manual moderation" to /m,
    );
    expect(stdout).toMatch(/^ {2}pim +would update the asset on VASE-1$/m);
    expect(stdout).toMatch(/^ {2}moderation +would publish products\/VASE-1\/main/m);
    const other = await simulate(["upload", "--set", "public_id=products/LAMP-3/main", "--dry-run"]);
    expect(other.stdout).toMatch(/pim +would put a picture on LAMP-3/);
    expect(await count("notifications")).toBe(before);
  });

  it.each([
    [["upload", "--set", "tags"]],
    [["upload", "--repeat", "1"]],
    [["upload", "--repeat", "5", "--stale"]],
    [["upload", "--file", "package.json", "--rate", "many"]],
  ])("%j is wrong usage", async (args) => {
    expect((await simulate(args)).code).toBe(2);
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

describe("with the Cloudinary emulator of the folder's stack", () => {
  const credentials = {
    cloudName: "local",
    apiKey: "123456789012345",
    apiSecret: testSecret,
    sendgridApiKey: "SG.local.key",
    operatorToken: token,
  };
  let data: string;
  let server: Serving;
  let local: StandIns;
  const inFolder = (args: readonly string[]) => runWebhooks(site.folder, ["simulate", ...args]);

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "cloudinary-webhooks-emulators-"));
    let fetch: Fetch = async () => new Response(null, { status: 503 });
    server = await serve({ port: 0, fetch: (request) => fetch(request) });
    local = await standIns({ ...credentials, baseUrl: server.url, dataDir: data });
    fetch = local.fetch;
    await site.idle();
    vi.stubEnv("CLOUDINARY_URL", standInUrl(credentials, server.url));
    vi.stubEnv("SENDGRID_API_KEY", credentials.sendgridApiKey);
    vi.stubEnv("SENDGRID_BASE_URL", server.url);
    const stack = { pid: process.pid, folder: site.folder, url: site.url, localUrl: server.url };
    await mkdir(join(site.folder, ".local"), { recursive: true });
    await writeFile(
      join(site.folder, ".local/stack.json"),
      JSON.stringify({ ...stack, controlPort: 1, nonce: "of the stack" }),
    );
    await writeFile(join(site.folder, ".local/credentials.json"), JSON.stringify(credentials));
    await site.database.db.query("truncate pim_asset cascade");
  });
  afterAll(async () => {
    await site.idle();
    await server.close();
    await local.close();
    await rm(data, { recursive: true });
  });

  /** What a browser gets for the pictures of the product. */
  async function pictures(): Promise<[rendition: string, status: number, type: string | null][]> {
    const { rows } = await site.database.db.query<{ rendition: string; secure_url: string }>(
      "select rendition, secure_url from pim_product_image where sku = 'VASE-1' order by rendition",
    );
    return await Promise.all(
      rows.map(async ({ rendition, secure_url }) => {
        const { status, headers } = await fetch(secure_url);
        return [rendition === "original" ? rendition : "derived", status, headers.get("content-type")];
      }),
    );
  }

  it("sends notifications about pictures that exist, and links to them", async () => {
    const { code, stdout, stderr } = await inFolder(["eager"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/pim +done +VASE-1 has 1 picture \(0 before\)/);
    expect(stdout).not.toContain("does not exist");
    expect(await pictures()).toEqual([["derived", 200, "image/png"]]);
    const [, mail = ""] = /^ {2}mail +(\S+)$/m.exec(stdout) ?? [];
    const page = await fetch(mail);
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("main")]);
    // Only what was asked for: the emulator sends no notification of its own about the picture.
    expect(local.sent).toEqual([]);
  });

  it("moderation: publishes the restricted picture of an approved upload", async () => {
    // As npm start has it: the emulator says when access to the picture changes.
    await fetch(`${server.url}/v1_1/local/triggers`, {
      method: "POST",
      headers: {
        authorization: `Basic ${Buffer.from(`${credentials.apiKey}:${credentials.apiSecret}`).toString("base64")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify({ uri: `${site.url}/webhooks`, event_type: "all" }),
    });
    const { code, stdout } = await inFolder(["moderation"]);
    expect(stdout).toMatch(/moderation +done +products\/VASE-1\/main is now public/);
    expect(stdout).toMatch(/^ {2}board +\S+\/console\/moderation/m);
    expect(code).toBe(0);
    await expect.poll(pictures, { timeout: 60_000 }).toContainEqual(["original", 200, "image/png"]);
  });

  describe("with a fault on purpose", () => {
    const fault = (...args: string[]) => runWebhooks(site.folder, ["fault", ...args]);
    afterEach(() => fault("--clear"));

    it.each([
      [["email", "500"], /email +retry at 20/],
      [["email", "401"], /email +dead after 1 attempt/],
      [["sendgrid", "lost-answer"], /email +on hold: outcome-unknown/],
    ])("%j", async (args, expected) => {
      const set = await fault(...args);
      expect({ code: set.code, stderr: set.stderr }).toEqual({ code: 0, stderr: "" });
      expect(set.stdout).toMatch(new RegExp(`^ {2}email +${args[1]} +for \\d+ s more$`, "m"));
      const { code, stdout } = await inFolder(["eager"]);
      expect(code).toBe(1);
      expect(stdout).toMatch(expected);
      expect(stdout).toMatch(/pim +done/);
    });

    it("lists and clears faults, as JSON as well", async () => {
      await fault("cloudinary", "420", "--for", "5m");
      await fault("notifications", "duplicate");
      expect(JSON.parse((await fault("--list", "--json")).stdout)).toEqual({
        faults: [
          { target: "cloudinary", fault: "420", until: expect.stringMatching(/Z$/), times: null },
          { target: "notifications", fault: "duplicate", until: null, times: 1 },
        ],
      });
      expect(local.cloudinary.faults.list()).toHaveLength(1);
      expect((await fault("--clear")).stdout).toBe("No faults are active.\n");
      expect(local.cloudinary.faults.list()).toEqual([]);
    });

    it("rejects other receivers, and what is no fault, with exit code 2", async () => {
      expect(await fault("email", "500", "--url", "https://hooks.example.com")).toMatchObject({
        code: 2,
        stderr: expect.stringContaining("Only the local stack of this folder can fail on purpose"),
      });
      for (const args of [
        ["email", "200"],
        ["database", "500"],
        ["email"],
        ["email", "500", "--for", "2h"],
        ["--list", "email", "500"],
      ])
        expect([args, await fault(...args)]).toMatchObject([args, { code: 2 }]);
      expect(local.sendgrid.faults.list()).toEqual([]);
    });
  });

  it("delete: removes the picture there and from the product", async () => {
    const { code, stdout } = await inFolder(["delete", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      notifications: [{ outcomes: [{ handler: "pim", text: "VASE-1 has 0 pictures (2 before)" }] }],
      links: { product: `${site.url}/console/product?sku=VASE-1` },
    });
    expect(local.cloudinary.cloud.store.state.assets.map(({ public_id }) => public_id)).toEqual([
      "shop/mark",
    ]);
  });
});
