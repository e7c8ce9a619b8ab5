import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eagerBody } from "./bodies.ts";
import { type PostOffice, postOffice } from "./post-office.ts";

let office: PostOffice;
beforeAll(async () => {
  office = await postOffice();
});
afterAll(() => office.close());
beforeEach(() => office.clear());

describe("settings", () => {
  const sentTo = () => office.mails().flatMap(({ to }) => to.map(({ email }) => email));

  it("set recipients, sender and subject per type and folder; the first matching rule applies", async () => {
    const rules = [
      {
        types: ["eager"],
        folder: "/trailers/",
        to: ["Film Team <film@example.com>", "FILM@example.com"],
        from: "films@shop.example",
        subject: "[{folder}] {type}: {public_id}",
      },
      { types: ["eager"], to: ["rest@example.com"] },
    ];
    await office.arrive(eagerBody({ asset_folder: "trailers/2026" }));
    await office.work({ email: { rules } });
    expect(sentTo()).toEqual(["film@example.com"]);
    expect(office.mails()[0]).toMatchObject({
      from: { email: "films@shop.example" },
      subject: "[trailers/2026] eager: trailers/harbour",
    });
  });

  it.each([
    ["trailers", "trailers/harbour", true],
    ["trailers", "trailers-old/harbour", false],
    ["trailers", "attic/trailers/harbour", false],
    ["trailers/harbour", "trailers/harbour", false],
  ])("the folder %s and the public id %s: %s", async (folder, public_id, fits) => {
    await office.arrive(eagerBody({ public_id }));
    await office.work({ email: { rules: [{ folder, to: ["film@example.com"] }] } });
    expect(sentTo()).toEqual(fits ? ["film@example.com"] : ["ada@example.com", "grace@example.org"]);
  });

  it("use the headline when the subject is empty", async () => {
    await office.arrive(eagerBody());
    await office.work({ email: { rules: [{ subject: "{folder}" }] } });
    expect(office.mails()[0]?.subject).toBe("2 formats of trailers/harbour are ready");
  });

  it("include or omit the notification's JSON", async () => {
    for (const withJson of [true, false]) {
      await office.clear();
      await office.arrive(eagerBody());
      await office.work({ email: { withJson } });
      const [mail] = office.mails();
      expect(mail?.text?.includes('"batch_id": "')).toBe(withJson);
      expect(mail?.html?.includes("batch_id")).toBe(withJson);
    }
  });
});
