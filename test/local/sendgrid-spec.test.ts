import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { expect, it } from "vitest";
import { check } from "../../src/local/sendgrid/rules.ts";
import { fc } from "../support/fast-check.ts";

/** Twilio's own description, where it is at hand: it is not part of this project. */
const file = join(import.meta.dirname, "../../../shared/specs/sendgrid_tsg_mail_v3.json");
const spec = await readFile(file, "utf8").catch(() => null);
const notice = spec === null ? ` (not compared: ${file} is not there)` : "";

const now = 1_800_000_000;

const mail = () => ({
  personalizations: [
    {
      from: { email: "own@example.com" },
      to: [{ email: "ann@example.com", name: "Ann" }],
      cc: [{ email: "cc@example.com" }],
      subject: "For Ann",
      custom_args: { event: "1" },
      headers: { "X-Entity-Ref-ID": "1" },
      send_at: now,
    },
  ],
  from: { email: "sender@example.com", name: "Sender" },
  reply_to: { email: "reply@example.com" },
  reply_to_list: [{ email: "other@example.com", name: "Other" }],
  subject: "Hello",
  content: [
    { type: "text/plain", value: "words" },
    { type: "text/html", value: "<p>words</p>" },
  ],
  attachments: [
    { content: "AAAA", filename: "a.png", type: "image/png", disposition: "inline", content_id: "a" },
  ],
  categories: ["one"],
  mail_settings: { sandbox_mode: { enable: false } },
  tracking_settings: { click_tracking: { enable: false, enable_text: false } },
});

/** Every place in a mail where something else could stand. */
function places(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key])),
  ];
}

function put(target: object, path: readonly string[], value: unknown): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) Reflect.set(target, key, value);
  else put(Object(Reflect.get(target, key)), rest, value);
}

it("accepts a mail with everything in it", () => {
  expect(check(mail(), now)).toMatchObject({ ok: true });
});

it.skipIf(spec === null)(`accepts no mail that the official description rejects${notice}`, () => {
  const document = JSON.parse(spec ?? "{}");
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats.default(ajv);
  ajv.addSchema(document, "sendgrid");
  const validate = ajv.compile({
    $ref: "sendgrid#/components/requestBodies/PostMailSend/content/application~1json/schema",
  });
  expect(validate(mail()), JSON.stringify(validate.errors)).toBe(true);
  let refused = 0;
  fc.assert(
    fc.property(fc.constantFrom(...places(mail())), fc.jsonValue({ maxDepth: 1 }), (path, value) => {
      const changed = mail();
      put(changed, path, value);
      if (check(changed, now).ok) return validate(changed);
      refused += 1;
      return true;
    }),
    { numRuns: 3_000, seed: 1 },
  );
  expect(refused).toBeGreaterThan(300);
});
