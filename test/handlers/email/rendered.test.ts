import { readdir, readFile } from "node:fs/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compose } from "../../../src/handlers/email/compose/compose.ts";
import { composeDigest } from "../../../src/handlers/email/compose/digest.ts";
import type { CloudinaryNotification } from "../../../src/lib/notifications/notification.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { browser, hasBrowser, openPage } from "../../support/browser.ts";
import { composing, eagerBody, moderationBody } from "./bodies.ts";

const site = {
  siteUrl: "https://hooks.example.com",
  cloudOf: () => ({ cloudinary: null, own: { cloudName: null, hosts: [] }, shownName: null }),
  timeZone: "UTC",
};
const fixtures = new URL("../../fixtures/notifications/", import.meta.url);

/** Every message that there is, by the name of what it tells. */
async function everyMail(): Promise<Map<string, string>> {
  const bodies = new Map<string, Uint8Array>();
  for (const file of await readdir(fixtures))
    if (file.endsWith(".json")) bodies.set(file, await readFile(new URL(file, fixtures)));
  const long = `<img src=x onerror=alert(1)>\r\n\u202e${"x".repeat(220)}`;
  bodies.set("a hostile name", Buffer.from(JSON.stringify(eagerBody({ public_id: long }))));
  for (const status of ["pending", "approved", "rejected"])
    bodies.set(status, Buffer.from(JSON.stringify(moderationBody(status))));

  const mails = new Map<string, string>();
  const contents: CloudinaryNotification[] = [];
  for (const [name, body] of bodies) {
    const parsed = parse(body, null);
    if (!parsed.ok) throw new Error(`${name} does not fit its schema`);
    const content = parsed.notification;
    contents.push(content);
    const recorded = {
      id: "n",
      receivedAt: new Date(0),
      signedAt: null,
      source: "webhook",
      cloud: null,
      byPublicHook: false,
      content,
    };
    const mail = compose(recorded, { ...site, ...composing(true), subject: null });
    if (mail) mails.set(name, mail.html);
  }
  const items = Array.from({ length: 500 }, (_, n) => {
    const content = contents[n % contents.length] ?? null;
    return {
      notificationId: `${n}`,
      cloud: null,
      receivedAt: new Date(0),
      content,
      type: content?.type ?? "",
      publicId: null,
    };
  });
  mails.set("a digest of 500", composeDigest(items, site).html);
  return mails;
}

describe.skipIf(!hasBrowser)("in a browser", () => {
  let chromium: Awaited<ReturnType<typeof browser>>;
  let mails: Map<string, string>;
  beforeAll(async () => {
    [chromium, mails] = await Promise.all([browser(), everyMail()]);
  });
  afterAll(() => chromium.close());

  // Outlook shows no picture until it is asked to.
  it.each([
    ["with its pictures", true],
    ["without them", false],
  ])("E5 each mail %s is as wide as a phone and no wider, and runs nothing", async (_name, withPictures) => {
    const { page } = await openPage(chromium, { viewport: { width: 360, height: 740 } });
    const dialogs: string[] = [];
    page.on("dialog", (dialog) => {
      dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    const large = await sharp({ create: { width: 1_072, height: 804, channels: 3, background: "teal" } })
      .jpeg()
      .toBuffer();
    let pictures = 0;
    await page.route("https://res.cloudinary.com/**", async (route) => {
      pictures += 1;
      if (withPictures) await route.fulfill({ body: large, contentType: "image/jpeg" });
      else await route.abort();
    });
    const widths = new Map<string, number>();
    for (const [name, html] of mails) {
      await page.setContent(html);
      widths.set(
        name,
        Number(
          await page.evaluate(
            "Math.max(...[...document.querySelectorAll('body *')].map((one) => one.getBoundingClientRect().right))",
          ),
        ),
      );
    }
    expect(pictures).toBeGreaterThanOrEqual(20);
    expect([...widths].filter(([, width]) => width > 360)).toEqual([]);
    expect(dialogs).toEqual([]);
  });
});
