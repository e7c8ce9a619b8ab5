import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hexId, uploadBody } from "../../support/bodies.ts";
import { testSecret } from "../../support/signed-request.ts";
import { commandSite, given } from "../command-site.ts";

let site: Awaited<ReturnType<typeof commandSite>>;
beforeAll(async () => {
  site = await commandSite();
});
afterAll(() => site.close());

async function fileOf(content: string | Uint8Array): Promise<string> {
  const file = join(site.folder, `${hexId(8)}.json`);
  await writeFile(file, content);
  return file;
}

const send = (args: readonly string[], env?: Record<string, string>) => site.webhooks(["send", ...args], env);

async function recorded(content: string | Uint8Array) {
  const { rows } = await site.database.db.query<{ id: string; body: Buffer }>(
    `select type, body, algorithm, secret_name, unexpected_for, times_seen, id from notifications where body_sha256 = $1`,
    [createHash("sha256").update(content).digest("hex")],
  );
  return rows;
}

describe("sends every byte unchanged", () => {
  it.each<[string, string | Uint8Array, string]>([
    [
      "JSON with numbers and spaces that JSON.stringify would change",
      '{ "notification_type":"of_tomorrow", "bytes": 1.50 }\n',
      "of_tomorrow",
    ],
    ["bytes that are not UTF-8", Uint8Array.of(0xff, 0, 0x3c, 0x73), "unreadable"],
    ["text that is not JSON", "{", "unreadable"],
  ])("%s", async (_name, content, type) => {
    const { code, stderr, stdout } = await send([await fileOf(content)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [row] = await recorded(content);
    expect(row).toMatchObject({ type, algorithm: "sha1", secret_name: "CLOUDINARY_URL" });
    expect(row?.body).toEqual(Buffer.from(content));
    expect(stdout).toContain(`recorded as ${row?.id}`);
  });

  it("from standard input", async () => {
    const body = JSON.stringify(uploadBody());
    const { code } = await site.webhooks(["send", "-"], given(), body);
    expect(code).toBe(0);
    expect(await recorded(body)).toMatchObject([{ type: "upload" }]);
  });
});

it("sends to the hook of the type, to the general hook, or to --path", async () => {
  const bodies = [
    uploadBody(),
    {
      notification_type: "rename",
      request_id: hexId(),
      asset_id: hexId(),
      from_public_id: "a",
      to_public_id: "b",
    },
  ].map((body) => JSON.stringify(body));
  const [upload = "", rename = ""] = await Promise.all(bodies.map(fileOf));
  expect((await send([upload])).stdout).toContain(
    `POST ${site.url}/webhooks/upload  upload of garden/watering-can`,
  );
  expect((await send([rename])).stdout).toContain(`POST ${site.url}/webhooks  rename of b`);
  const stray = JSON.stringify(uploadBody());
  await send([await fileOf(stray), "--path", "/webhooks/eager"]);
  expect(await recorded(stray)).toMatchObject([{ type: "upload", unexpected_for: "/webhooks/eager" }]);
});

it("signs with SHA-256 when asked", async () => {
  const body = JSON.stringify(uploadBody());
  expect((await send([await fileOf(body), "--algorithm", "sha256"])).code).toBe(0);
  expect(await recorded(body)).toMatchObject([{ algorithm: "sha256" }]);
});

it("reports that a file sent twice is a duplicate", async () => {
  const body = JSON.stringify(uploadBody());
  const file = await fileOf(body);
  await send([file]);
  const { code, stdout } = await send([file]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Received 2 times.*`replay`/);
  expect(await recorded(body)).toMatchObject([{ times_seen: 2 }]);
});

it("prints the record as JSON with --json", async () => {
  const { stdout } = await send([await fileOf(JSON.stringify(uploadBody())), "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({
    notifications: [{ ended: "well", record: { type: "upload" } }],
  });
});

describe("explains errors, and nothing is recorded", () => {
  it.each([
    ["signed more than two hours ago", "1315060510", /401 timestamp-too-old/],
    ["in milliseconds", "1764062870000", /401 timestamp-malformed/],
  ])("a timestamp %s", async (_name, timestamp, said) => {
    const body = JSON.stringify(uploadBody());
    const { code, stderr, stdout } = await send([await fileOf(body), "--timestamp", timestamp]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(said);
    expect(await recorded(body)).toEqual([]);
  });

  it("a secret that differs from the receiver's", async () => {
    const body = JSON.stringify(uploadBody());
    const { code, stderr } = await send(
      [await fileOf(body)],
      given({ CLOUDINARY_URL: "cloudinary://1:Another-secret_of_27-chars@demo" }),
    );
    expect(code).toBe(1);
    expect(stderr).toMatch(/401 signature-mismatch[\s\S]*CLOUDINARY_URL/);
    expect(stderr).not.toContain(testSecret);
    expect(await recorded(body)).toEqual([]);
  });

  it("a file that is missing or empty", async () => {
    expect(await send(["no-such-file.json"])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Cannot read no-such-file\.json: ENOENT/),
    });
    expect(await send([await fileOf("")])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("is empty"),
    });
  });

  it.each([
    [[], /missing required argument 'file'/],
    [["a.json", "b.json"], /too many arguments for 'send'.*b\.json/],
    [["a.json", "--algorithm", "md5"], /'md5' is invalid\. Allowed choices are sha1, sha256/],
    [["a.json", "--path", "webhooks"], /'webhooks' is invalid\. Expected a path such as \/webhooks\/eager/],
    [["a.json", "--sha256"], /unknown option '--sha256'/],
  ])("exits with 2 for wrong arguments: %s", async (args, said) => {
    const { code, stderr } = await send(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(said);
    expect(stderr).toContain("webhooks send --help");
  });
});
