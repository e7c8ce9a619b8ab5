import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { compose } from "../../../src/handlers/email/compose/compose.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { uploadBody } from "../../support/bodies.ts";
import { fc } from "../../support/fast-check.ts";
import { composing, eagerBody, moderationBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

describe("E5 X7 a hostile public id is rendered inert", () => {
  it.each([
    ["a header break", "cat\r\nBcc: all@example.com", "cat Bcc: a…@example[.]com"],
    ["other line ends", "a\u2028b\u2029c\u0085d\u000be\u0000f", "a b c d e f"],
    ["markup", `<img src=x onerror=alert(1)>"'><script>`, `<img src=x onerror=alert(1)>"'><script>`],
    ["marks that turn text around", "photo\u202egpj.exe\u202c \u2066a\u2069 \u200fb", "photogpj.exe a b"],
    ["half a surrogate pair", "a\ud800b", "a\ufffdb"],
    ["characters nobody sees", "pay\u200bpal\ufeff \u{e0041}x", "paypal x"],
    [
      "placeholders of templates and of SendGrid",
      "{{headline}} {{#json}} -name- {{{raw}}} <%body%>",
      "{{headline}} {{#json}} -name- {{{raw}}} <%body%>",
    ],
  ])("%s", async (_name, public_id, shown) => {
    await office.arrive(uploadBody({ public_id }));
    await office.work();
    const [mail] = office.mails();
    expect(mail?.subject).toBe(`${shown} was uploaded`);
    expect(mail?.text?.split("\n")[0]).toBe(`${shown} was uploaded`);
    const html = mail?.html ?? "";
    expect(html).toContain(`>${escaped(shown)} was uploaded</div>`);
    expect(`${html}${mail?.text}`).not.toMatch(
      /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u2028\u2029\ufeff\u{e0000}-\u{e007f}]/u,
    );
    expect(`${html}${mail?.text}`.isWellFormed()).toBe(true);
  });

  it("of 255 characters is shortened in the subject and complete in the message", async () => {
    const public_id = `${"long-".repeat(50)}-ends`;
    await office.arrive(uploadBody({ public_id }));
    await office.work();
    const [mail] = office.mails();
    expect(mail?.subject).toMatch(/^long-long-.*…-long-.*-ends was uploaded$/);
    expect(mail?.subject.length).toBeLessThanOrEqual(100);
    expect(mail?.html).toContain(`>${public_id}</td>`);
    expect(mail?.text).toContain(`Public id: ${public_id}\n`);
  });

  it("no text in a notification adds or closes an element, or escapes from an attribute", () => {
    const htmlOf = (text: string) => {
      const body = eagerBody({
        public_id: text,
        eager: [
          { transformation: text, status: "failed", reason: text },
          { transformation: text, secure_url: "https://res.cloudinary.com/demo/image/upload/w_1/v2/a.jpg" },
        ],
        notification_context: { triggered_by: { source: text, id: text } },
      });
      const parsed = parse(Buffer.from(JSON.stringify(body)), null);
      if (!parsed.ok) throw new Error("the body does not fit its schema");
      const mail = compose(
        {
          id: "n",
          receivedAt: new Date(0),
          signedAt: null,
          source: "webhook",
          cloud: null,
          byPublicHook: false,
          content: parsed.notification,
        },
        {
          siteUrl: null,
          cloudOf: () => ({ cloudinary: null, own: { cloudName: null, hosts: [] }, shownName: null }),
          ...composing(true),
          subject: null,
        },
      );
      expect(mail?.subject).not.toMatch(/[\r\n]/);
      return mail?.html.replace(/[^<>"'=`]/g, "").replace(/=+/g, "=");
    };
    const characters = fc.constantFrom(..."<>\"'=&`{}#/ \r\nax;:\u2028\u202e");
    const usual = htmlOf("x");
    fc.assert(
      fc.property(fc.string({ unit: characters, minLength: 1, maxLength: 60 }), (text) => {
        fc.pre(/[^\s\u2028\u202e]/.test(text));
        // Equals signs in texts are harmless, so only the markup around them is compared.
        expect(htmlOf(`x${text}`)?.replaceAll("=", "")).toBe(usual?.replaceAll("=", ""));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a URL in a public id is not a link", () => {
  it.each([
    ["https://evil.example/x", "https[:]//evil[.]example/x"],
    ["evil.example", "evil[.]example"],
    ["www.evil.example/login?a=b", "www[.]evil[.]example/login?a=b"],
    ["HTTP:\\\\evil.example", "HTTP[:]\\\\evil[.]example"],
    ["//evil.example", "//evil[.]example"],
    ["evil\u3002example", "evil[.]example"],
    ["mailto:x", "mailto[:]x"],
    ["203.0.113.7/x", "203[.]0[.]113[.]7/x"],
    ["clip.zip", "clip[.]zip"],
    ["products/VASE-1/main-0.jpg", "products/VASE-1/main-0.jpg"],
    ["release 1.2.3", "release 1.2.3"],
  ])("%s", async (public_id, shown) => {
    await office.arrive(uploadBody({ public_id, tags: [public_id], display_name: `see ${public_id}` }));
    await office.work({ email: { withJson: true } });
    const [mail] = office.mails();
    expect(mail?.subject).toBe(`see ${shown} was uploaded`);
    for (const label of ["Public id", "Tags"]) expect(mail?.text).toContain(`${label}: ${shown}\n`);
    const text = `${mail?.subject}\n${mail?.text}\n${mail?.html?.replace(/<[^>]*>/g, "\n")}`;
    // What mail programs make links of: a scheme or www before anything, or a name before a top-level domain.
    expect(text).not.toMatch(/https?:[/\\]{2}evil|www\.|evil[.。]example|mailto:|203\.0|clip\.zip/i);
  });

  it("is escaped in the JSON below, so that mail clients create no link", async () => {
    await office.arrive(uploadBody({ public_id: "https://evil.example/x" }));
    await office.work({ email: { withJson: true } });
    const json = /\{\n[\s\S]*\n\}/.exec(office.mails()[0]?.text ?? "")?.[0] ?? "";
    expect(JSON.parse(json)).toMatchObject({ public_id: "https://evil.example/x" });
  });
});

describe("the notification's JSON", () => {
  it("is in no mail unless the settings include it", async () => {
    await office.arrive(uploadBody());
    await office.work();
    expect(office.mails()).not.toHaveLength(0);
    expect(`${office.mails()[0]?.text}${office.mails()[0]?.html}`).not.toContain("notification_type");
  });

  it.each([200, 5_000, 500_000])(
    "is left out where it is nested %i deep, and the mail is sent",
    async (depth) => {
      const body = JSON.stringify(uploadBody({ deep: "PLACE" }));
      const id = await office.arriveText(body.replace('"PLACE"', "[".repeat(depth) + "]".repeat(depth)));
      await office.work({ email: { withJson: true } });
      expect(await office.delivery(id)).toMatchObject({ state: "done", attempts: 1 });
      expect(office.mails()[0]?.text).toContain("nested too deeply");
      expect(office.mails()[0]?.text?.length).toBeLessThan(5_000);
    },
  );

  it("contains no secret, token or e-mail address, and neither does the rest of the mail", async () => {
    const context = { custom: { photographer: "ada.lovelace@example.net" } };
    const notification_context = { triggered_by: { source: "ui", id: "ada.lovelace@example.net" } };
    await office.arrive(
      uploadBody({
        ...{ context, notification_context, delete_token: "Zx81Zx81", signature: "Zx81Zx81" },
        tags: ["by ada.lovelace@example.net"],
        secure_url: "https://res.cloudinary.com/demo/image/upload/v1/a.jpg?__cld_token__=exp=1~hmac=Zx81Zx81",
      }),
    );
    await office.work({ email: { withJson: true } });
    const [mail] = office.mails();
    expect(mail?.text).toContain('"delete_token": "[masked]"');
    expect(`${mail?.subject}${mail?.text}${mail?.html}`).not.toMatch(/Zx81|lovelace/);
  });
});

describe("words that are names of inherited object properties", () => {
  it.each(["constructor", "toString", "__proto__"])(
    "a moderation kind %s is named as it is",
    async (kind) => {
      await office.arrive(moderationBody("approved", { moderation_kind: kind }));
      await office.work();
      expect(office.mails()[0]?.subject).toBe(`reviews/knight was approved by ${kind}`);
    },
  );

  it("an access type is shown unchanged", async () => {
    await office.arrive({
      notification_type: "access_control_changed",
      request_id: "1",
      resources: [{ ...uploadBody(), new_access_control: [{ access_type: "constructor" }] }],
    });
    await office.work();
    const [mail] = office.mails();
    expect(mail?.html).toContain("constructor");
    expect(mail?.html).not.toContain("[native code]");
  });
});

describe("links in a mail", () => {
  it.each([
    "javascript:alert(1)",
    "data:text/html,hello",
    "http://pictures.example/a.jpg",
    "https://user:password@pictures.example/a.jpg",
    "not a URL",
    "//pictures.example/a.jpg",
  ])("never lead to %s", async (secure_url) => {
    await office.arrive(eagerBody({ eager: [{ transformation: "w_1", secure_url }] }));
    await office.work({ email: { withJson: false } });
    const [mail] = office.mails();
    expect(mail?.html).not.toContain(escaped(secure_url));
    expect(mail?.text).not.toContain(secure_url);
    expect(mail?.text).toContain("no link");
  });

  it("use https, or loopback for pictures of the local stack", async () => {
    for (const secure_url of [
      "https://res.cloudinary.com/demo/raw/upload/v2/a.zip",
      "http://127.0.0.1:8889/demo/raw/upload/v2/a.zip",
    ]) {
      await office.clear();
      await office.arrive(eagerBody({ eager: [{ transformation: "w_1", secure_url }] }));
      await office.work({ email: { withJson: false } });
      expect(office.mails()[0]?.html).toContain(`href="${secure_url}"`);
    }
  });
});

/** As a browser's serializer writes text, apart from the quotes, which it leaves. */
function escaped(text: string): string {
  const numbers: Record<string, string> = {
    "&": "&#38;",
    "<": "&#60;",
    ">": "&#62;",
    '"': "&#34;",
    "'": "&#39;",
    "`": "&#96;",
  };
  return text.replace(/[&<>"'`]/g, (character) => numbers[character] ?? "");
}
