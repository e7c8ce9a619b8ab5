import { createHash, createHmac } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readParts } from "../../src/config.ts";
import { diagnoseRequest } from "../../src/doctor/request/diagnose-request.ts";
import { readHeaders } from "../../src/doctor/request/headers.ts";
import { settings } from "../../src/settings.ts";
import type { Settings } from "../../src/settings.types.ts";
import { runWebhooks } from "../support/command-line.ts";
import { projectFolder } from "../support/project-folder.ts";

const secret = "a-Webhook-secret_of-27-char";
const previous = "the-Previous-secret_27-char";
const apiSecret = "an-Api-Secret_of_27-charactr";
const env = {
  CLOUDINARY_URL: `cloudinary://123456789012345:${apiSecret}@demo`,
  CLOUDINARY_WEBHOOK_SECRETS: `main:${secret} old:${previous}@2026-01-31`,
};
const arrived = Date.parse("2026-11-20T12:00:00Z");
const timestamp = String(arrived / 1_000 - 5);

/** With what parsers and writers change: spaces, a slash that is escaped, letters beyond ASCII, a number that ends in .0 */
const body =
  '{"notification_type":"upload","url":"https:\\/\\/x.example\\/a","name":"Käse – 日本","size":1.0,"signature_key":"123456789012345"}';

interface Sent {
  signed?: string | Buffer;
  body?: string | Buffer;
  with?: string;
  algorithm?: "sha1" | "sha256";
  timestamp?: string;
  header?: string;
  headers?: Record<string, string>;
  settings?: Settings;
  receivedAt?: number | null;
}

/** The ids of what is found about a request that was signed as `signed` and arrived as `body`. */
function causes(sent: Sent): string[] {
  return findings(sent).map(({ id }) => id);
}

function findings(sent: Sent) {
  const at = sent.timestamp ?? timestamp;
  const signature = createHash(sent.algorithm ?? "sha1")
    .update(sent.signed ?? body)
    .update(at)
    .update(sent.with ?? secret)
    .digest("hex");
  return diagnoseRequest(
    {
      headers: new Headers({
        "x-cld-signature": signature,
        "x-cld-timestamp": sent.header ?? at,
        ...sent.headers,
      }),
      body: Buffer.from(sent.body ?? sent.signed ?? body),
      receivedAt: sent.receivedAt === undefined ? arrived : sent.receivedAt,
    },
    {
      config: readParts(settings, "", env),
      settings: sent.settings ?? settings,
      now: arrived + 60_000,
    },
  );
}

it("accepts what the receiver accepts, by either digest", () => {
  expect(causes({})).toEqual(["request.accepted"]);
  expect(causes({ algorithm: "sha256" })).toEqual(["request.accepted"]);
});

describe("the secret", () => {
  it("wrong: names the key that signed, by its end", () => {
    const other = body.replace("123456789012345", "999999999998765");
    const [finding] = findings({ with: "some-Other-secret_27-charac", signed: other });
    expect(finding).toMatchObject({ id: "request.signature-mismatch", why: expect.stringContaining("8765") });
    expect(finding?.why).toContain("Wrong secret");
    expect(finding?.why).not.toContain("999999999998765");
  });

  it("previous: has expired, and Cloudinary still uses it", () => {
    expect(causes({ with: previous })).toEqual(["request.secret-expired"]);
  });

  it("the API secret, while another one is listed", () => {
    expect(causes({ with: apiSecret })).toEqual(["request.secret-unused"]);
  });

  it("never appears in a finding", () => {
    for (const one of [secret, previous, apiSecret])
      expect(JSON.stringify(findings({ with: one, timestamp: "1700000000" }))).not.toContain(one);
  });
});

describe("the body, changed on its way", () => {
  const python = '{"notification_type": "upload", "size": 1, "public_id": "a b"}';
  const compact = '{"notification_type":"upload","size":1,"public_id":"a b"}';
  it.each<[string, string | Buffer, string | Buffer]>([
    ["parsed and written by JSON.stringify", python, JSON.stringify(JSON.parse(python))],
    [
      "spaces removed, with a number that ends in .0",
      body.replaceAll('":', '": ').replaceAll(',"', ', "'),
      body,
    ],
    ["spaces added", compact, python],
    ["indented", compact, JSON.stringify(JSON.parse(compact), null, 2)],
    ["slashes no longer escaped", body, body.replaceAll("\\/", "/")],
    ["slashes escaped", body.replaceAll("\\/", "/"), body],
    [
      "unicode escapes resolved",
      '{"name":"K\\u00e4se","notification_type":"upload"}',
      '{"name":"Käse","notification_type":"upload"}',
    ],
    [
      "unicode escapes in capitals resolved",
      '{"name":"\\u65E5","notification_type":"upload"}',
      '{"name":"日","notification_type":"upload"}',
    ],
    [
      "written as ASCII",
      '{"name":"Käse","notification_type":"upload"}',
      '{"name":"K\\u00e4se","notification_type":"upload"}',
    ],
    [
      "PHP's habits undone: escapes and slashes at once",
      '{"name":"K\\u00e4se","url":"https:\\/\\/x.example"}',
      '{"name":"Käse","url":"https://x.example"}',
    ],
    ["a line break added", body, `${body}\n`],
    ["a line break removed", `${body}\n`, body],
    [
      "read as Latin-1, written as UTF-8",
      Buffer.from(body),
      Buffer.from(Buffer.from(body).toString("latin1")),
    ],
    ["written as Latin-1", Buffer.from('{"name":"Käse"}'), Buffer.from('{"name":"Käse"}', "latin1")],
    ["encoded in Base64", body, Buffer.from(body).toString("base64")],
    ["compressed", body, gzipSync(body)],
  ])("%s", (_how, signed, received) => {
    expect(Buffer.from(received).equals(Buffer.from(signed))).toBe(false);
    expect(causes({ signed, body: received })).toEqual(["request.body-changed"]);
  });

  it("says what the signed body looked like", () => {
    const [finding] = findings({ signed: compact, body: python });
    expect(finding?.what).toContain("without spaces between values");
  });

  it("in its content: no secret fits", () => {
    expect(causes({ body: body.replace("upload", "delete") })).toEqual(["request.signature-mismatch"]);
  });

  it("of some megabytes is looked through within seconds", () => {
    const large = JSON.stringify({
      list: Array.from({ length: 15_000 }, (_, n) => ({ public_id: `asset/${n}`, n })),
    });
    // Processor time, because other processes may have the machine.
    const started = process.cpuUsage();
    expect(
      causes({ signed: large.replaceAll(",", ", "), body: large, with: "some-Other-secret_27-charac" }),
    ).toEqual(["request.signature-mismatch"]);
    expect(process.cpuUsage(started).user).toBeLessThan(10_000_000);
  });
});

describe("the rule", () => {
  it("a digest that the settings do not accept", () => {
    const only = (algorithm: "sha1" | "sha256"): Settings => ({
      ...settings,
      receive: { ...settings.receive, algorithms: [algorithm] },
    });
    expect(causes({ settings: only("sha256") })).toEqual(["request.signature-algorithm"]);
    expect(causes({ settings: only("sha1"), algorithm: "sha256" })).toEqual(["request.signature-algorithm"]);
  });

  it.each([
    ["of body and timestamp", body + timestamp],
    ["of the body", body],
    ["of timestamp.body", `${timestamp}.${body}`],
  ])("an HMAC %s", (_what, text) => {
    const hmac = createHmac("sha256", secret).update(text).digest("hex");
    expect(causes({ headers: { "x-cld-signature": hmac } })).toEqual(["request.hmac"]);
  });

  it("without the timestamp", () => {
    const digest = createHash("sha1").update(body).update(secret).digest("hex");
    expect(causes({ headers: { "x-cld-signature": digest } })).toEqual(["request.timestamp-unsigned"]);
  });

  it("of a custom remote function, in capitals, cut off", () => {
    const remote = createHash("sha512").update(timestamp).update(secret).digest("hex");
    expect(causes({ headers: { "x-cld-signature": remote } })).toEqual(["request.remote-function"]);
    const digest = createHash("sha1").update(body).update(timestamp).update(secret).digest("hex");
    expect(causes({ headers: { "x-cld-signature": digest.toUpperCase() } })).toEqual([
      "request.signature-case",
    ]);
    expect(causes({ headers: { "x-cld-signature": digest.slice(0, 39) } })).toEqual([
      "request.signature-malformed",
    ]);
  });

  it("EdDSA only, and none at all", () => {
    const without = (headers: Record<string, string>) =>
      diagnoseRequest(
        { headers: new Headers(headers), body: Buffer.from(body), receivedAt: arrived },
        { config: readParts(settings, "", env), settings, now: arrived },
      ).map(({ id }) => id);
    expect(without({ "x-cld-timestamp": timestamp, "x-cld-signature_v2": "AbCd" })).toEqual([
      "request.signature-eddsa-only",
    ]);
    expect(without({ "content-type": "application/json" })).toEqual(["request.signature-missing"]);
  });
});

describe("the timestamp", () => {
  it("in milliseconds, signed or only sent", () => {
    expect(causes({ timestamp: `${timestamp}123` })).toEqual(["request.timestamp-milliseconds"]);
    expect(causes({ header: `${timestamp}123` })).toEqual([
      "request.timestamp-changed",
      "request.timestamp-milliseconds",
    ]);
  });

  it("with digits moved into the body", () => {
    const received = body + timestamp.slice(0, 1);
    expect(causes({ body: received, header: timestamp.slice(1) })).toEqual([
      "request.digits-shifted",
      "request.timestamp-malformed",
    ]);
  });

  it("old, ahead, or off by whole hours", () => {
    const at = (seconds: number) => String(arrived / 1_000 + seconds);
    expect(causes({ timestamp: at(-7_200) })).toEqual(["request.accepted"]);
    expect(causes({ timestamp: at(-8_000) })).toEqual(["request.timestamp-too-old"]);
    expect(causes({ timestamp: at(301) })).toEqual(["request.timestamp-ahead"]);
    const [behind] = findings({ timestamp: at(-3 * 3_600 - 4) });
    expect(behind).toMatchObject({ id: "request.clock", what: expect.stringContaining("3 hours behind") });
    expect(causes({ timestamp: at(3 * 3_600 - 4) })).toEqual(["request.clock"]);
  });

  it("asks for the time of arrival where it is not known", () => {
    const [finding] = findings({ timestamp: "1700000000", receivedAt: null });
    expect(finding).toMatchObject({
      id: "request.timestamp-too-old",
      why: expect.stringContaining("--received-at"),
    });
  });
});

it.each([
  ["lines", "POST /webhooks HTTP/1.1\r\nHost: x.example\r\nX-Cld-Timestamp: 17\r\nX-Cld-Signature: ab\r\n"],
  ["curl -v", "> POST /webhooks HTTP/2\n> x-cld-timestamp: 17\n> x-cld-signature: ab\n"],
  [
    "a curl command",
    "curl https://x.example \\\n  -H 'X-Cld-Timestamp: 17' \\\n  -H \"X-Cld-Signature: ab\" \\\n",
  ],
  ["JSON by name", '{"X-Cld-Timestamp":"17","x-cld-signature":["ab"]}'],
  ["JSON below headers", '{"headers":{"x-cld-timestamp":17,"x-cld-signature":"ab"},"body":""}'],
  ["JSON as a list", '[{"name":"x-cld-timestamp","value":"17"},["X-Cld-Signature","ab"]]'],
])("reads headers as %s", (_how, text) => {
  const headers = readHeaders(text);
  expect([headers?.get("x-cld-timestamp"), headers?.get("x-cld-signature")]).toEqual(["17", "ab"]);
});

describe("webhooks doctor --headers --body", () => {
  let folder: string;
  let remove: () => Promise<void>;
  beforeAll(async () => {
    ({ path: folder, remove } = await projectFolder());
  });
  afterAll(() => remove());
  const doctor = (...args: string[]) => runWebhooks(folder, ["doctor", ...args], env);

  it("names the cause, exits with 1, and shows no secret", async () => {
    const signature = createHash("sha1").update(`${body}\n`).update(timestamp).update(secret).digest("hex");
    await writeFile(
      join(folder, "headers.txt"),
      `X-Cld-Timestamp: ${timestamp}\nX-Cld-Signature: ${signature}\n`,
    );
    await writeFile(join(folder, "body.json"), body);
    const files = [
      "--headers",
      "headers.txt",
      "--body",
      "body.json",
      "--received-at",
      "2026-11-20T12:00:00Z",
    ];
    const { code, stdout, stderr } = await doctor(...files);
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(stdout).toContain("with a line break at its end");
    expect(stdout).toContain("1 failed, 0 warnings, 0 ok, 0 not checked");
    expect(stdout).not.toContain(secret);
    await writeFile(join(folder, "body.json"), `${body}\n`);
    const accepted = await doctor(...files, "--json");
    expect(accepted.code).toBe(0);
    expect(JSON.parse(accepted.stdout)).toMatchObject({ ok: true, findings: [{ id: "request.accepted" }] });
  });

  it("exits with 2 for half a request, a missing file and a file without headers", async () => {
    expect(await doctor("--headers", "headers.txt")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--headers and --body must be used together"),
    });
    expect((await doctor("--headers", "headers.txt", "--body", "nowhere")).code).toBe(2);
    await writeFile(join(folder, "empty.txt"), "nothing\n");
    expect(await doctor("--headers", "empty.txt", "--body", "body.json")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("No header"),
    });
  });
});
