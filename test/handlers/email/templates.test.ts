import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { compose } from "../../../src/handlers/email/compose/compose.ts";
import { composeDigest } from "../../../src/handlers/email/compose/digest.ts";
import { compileTemplates } from "../../../src/handlers/email/templates/templates.build.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { uploadBody } from "../../support/bodies.ts";
import { composing, eagerBody, moderationBody } from "./bodies.ts";

it("the generated file matches the templates", async () => {
  const file = new URL("../../../src/handlers/email/templates/templates.generated.ts", import.meta.url);
  expect(await readFile(file, "utf8")).toBe(await compileTemplates());
});

function read(body: object) {
  const parsed = parse(Buffer.from(JSON.stringify(body)), null);
  if (!parsed.ok) throw new Error("the body does not fit its schema");
  return parsed.notification;
}

const options = {
  siteUrl: "https://hooks.example.com",
  cloudOf: () => ({ cloudinary: null, own: { cloudName: null, hosts: [] }, shownName: null }),
  timeZone: "UTC",
};

function htmlOf(body: object, withJson = true): string {
  const notification = {
    id: "n",
    receivedAt: new Date(0),
    signedAt: null,
    source: "webhook",
    cloud: null,
    byPublicHook: false,
    content: read(body),
  };
  const mail = compose(notification, { ...options, ...composing(withJson), subject: null });
  if (!mail) throw new Error("there is no mail");
  return mail.html;
}

function digestHtml(count: number): string {
  const bodies = [eagerBody(), moderationBody("rejected"), moderationBody("pending"), uploadBody()];
  const items = Array.from({ length: count }, (_, n) => {
    const content = read({ ...bodies[n % bodies.length], public_id: `${"deep/".repeat(20)}${n}` });
    return {
      notificationId: `n-${n}`,
      receivedAt: new Date(0),
      cloud: null,
      content,
      type: content.type,
      publicId: null,
    };
  });
  return composeDigest(items, options).html;
}

describe.each([
  [
    "everything",
    htmlOf(
      eagerBody({
        eager: [
          { transformation: "a", status: "failed" },
          { transformation: "b", secure_url: "https://res.cloudinary.com/demo/image/upload/b/v2/a.jpg" },
        ],
      }),
    ),
  ],
  ["next to nothing", htmlOf({ notification_type: "error" }, false)],
  ["a blurred picture", htmlOf(moderationBody("pending"))],
  ["a digest of 500", digestHtml(500)],
  ["a digest of four", digestHtml(4)],
])("the HTML of a mail with %s", (_name, html) => {
  it("closes every element, for Outlook and other clients", () => {
    const outlook = html
      .replace(/<!--\[if (?:mso \| IE|mso|lte mso 11)\]>/g, "")
      .replace(/<!--\[if !mso\]><!-->.*?<!--<!\[endif\]-->/gs, "")
      .replaceAll("<![endif]-->", "");
    const others = html.replace(/<!--\[if !mso\]><!-->|<!--<!\[endif\]-->/g, "").replace(/<!--.*?-->/gs, "");
    expect(unclosed(outlook)).toEqual([]);
    expect(unclosed(others)).toEqual([]);
    expect(outlook.match(/<table/g)?.length).toBeGreaterThan(others.match(/<table/g)?.length ?? 0);
  });

  it("has no unreplaced placeholder", () => {
    expect(html).not.toMatch(/\{\{|\}\}/);
  });

  it("is small enough not to be clipped, and loads only pictures", () => {
    expect(Buffer.byteLength(html)).toBeLessThan(102 * 1_024);
    expect(html).not.toMatch(/<link|<script|@import|@font-face|url\(/i);
    for (const [, src] of html.matchAll(/ src="([^"]*)"/g))
      expect(src).toMatch(/^https:\/\/res\.cloudinary\.com\//);
  });
});

/** Elements that are not closed, or closed without having been opened. */
function unclosed(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = ""] of html.matchAll(/<(\/?)(table|tbody|tr|td|div|a|span)\b[^>]*>/g)) {
    if (closing === "") open.push(name);
    else if (open.pop() !== name) wrong.push(`</${name}>`);
  }
  return [...wrong, ...open];
}
