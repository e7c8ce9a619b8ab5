import { createHmac, hkdfSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { isNudge, sendNudge } from "../../../src/lib/deliveries/nudge.ts";
import { site } from "../../support/site.ts";

const secrets = [{ name: "main", value: "k9-Zq_4hTnB2vWx7LmPd0RsYcEu", expiresAt: null, cloud: null }];
const now = Date.parse("2026-03-04T13:20:30Z");

/** RFC 2104 over the minute, keyed by RFC 5869, apart from the code under test. */
function token(at: number, secret = "k9-Zq_4hTnB2vWx7LmPd0RsYcEu"): string {
  const key = hkdfSync("sha256", secret, "", "cloudinary-webhooks nudge", 32);
  return createHmac("sha256", Buffer.from(key))
    .update(String(Math.floor(at / 60_000)))
    .digest("hex");
}

const nudged = (value: string) => isNudge(new Headers({ "x-nudge": value }), secrets, now);

describe("a nudge", () => {
  it.each([-2, -1, 0, 1, 2])("is accepted %i minutes off", (minutes) => {
    expect(nudged(token(now + minutes * 60_000))).toBe(true);
  });

  it.each([-3, 3, 60])("is rejected %i minutes off", (minutes) => {
    expect(nudged(token(now + minutes * 60_000))).toBe(false);
  });

  it.each([
    ["none", ""],
    ["of another secret", token(now, "another-secret")],
    ["cut", token(now).slice(1)],
    ["upper case", token(now).toUpperCase()],
    ["not ASCII", "\u00e9".repeat(64)],
  ])("is refused: %s", (_name, value) => {
    expect(nudged(value)).toBe(false);
  });

  it("is rejected without a secret, including the token of an empty secret", () => {
    const empty = [{ name: "empty", value: "", expiresAt: null, cloud: null }];
    expect(isNudge(new Headers({ "x-nudge": token(now, "") }), empty, now)).toBe(false);
    expect(isNudge(new Headers({ "x-nudge": token(now, "") }), [], now)).toBe(false);
  });
});

describe("sending one", () => {
  it("goes to deliver-background with a token of this minute, and is answered with 202", async () => {
    const here = await site(202);
    expect(await sendNudge(here.origin, secrets)).toBe("sent");
    expect(here.requests).toMatchObject([{ method: "POST", path: "/.netlify/functions/deliver-background" }]);
    expect(
      isNudge(new Headers({ "x-nudge": here.requests[0]?.headers["x-nudge"] ?? "" }), secrets, Date.now()),
    ).toBe(true);
    await here.close();
  });

  it.each([200, 401, 500, 508])("reports that %i is not an acknowledgement", async (status) => {
    const here = await site(status);
    expect(await sendNudge(here.origin, secrets)).toBe("not-answered");
    await here.close();
  });

  it("reports a refused connection without throwing", async () => {
    const here = await site();
    await here.close();
    expect(await sendNudge(here.origin, secrets)).toBe("not-answered");
  });
});
