import { createHash } from "node:crypto";
import { v2 as cloudinary } from "cloudinary";
import { afterAll, beforeAll, expect, it } from "vitest";
import { stalePictures } from "../../../src/handlers/pim/asset-standing.ts";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { findProduct } from "../../../src/handlers/pim/products.ts";
import { assetState, signPictures } from "../../../src/handlers/pim/state.ts";
import { settings } from "../../../src/settings.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { play, shown } from "./play.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

const t = 1_750_000_000;
const apiSecret = "an-api-secret-of-this-test";

interface Signing {
  version: number;
  transformation?: string;
  long?: boolean;
  algorithm?: string;
  type?: string;
}

/** By Cloudinary's own SDK. */
function signedUrl(
  publicId: string,
  { version, transformation, long, algorithm, type = "authenticated" }: Signing,
) {
  return cloudinary.url(publicId, {
    cloud_name: "demo",
    api_secret: apiSecret,
    secure: true,
    sign_url: true,
    type,
    version,
    format: "jpg",
    urlAnalytics: false,
    ...(transformation !== undefined && { raw_transformation: transformation }),
    ...(long && { long_url_signature: true }),
    ...(algorithm !== undefined && { signature_algorithm: algorithm }),
  });
}

const kinds: { what: string; signing: Omit<Signing, "version"> }[] = [
  { what: "with SHA-1", signing: { transformation: "c_fill,w_100" } },
  { what: "with SHA-256", signing: { transformation: "c_fill,w_100", algorithm: "sha256" } },
  { what: "with a long signature", signing: { transformation: "e_grayscale/c_fill,w_100", long: true } },
  { what: "without a transformation", signing: {} },
];

it("a worker that is late with the signature for an earlier name does not replace the one for the current name", async () => {
  const jug = assetBodies("products/LATE/1", { type: "authenticated" });
  const unable = pim();
  await play(database.db, eagerWith(jug, signedUrl("products/LATE/1", { version: t })));
  await play(database.db, jug.rename("products/LATE/2", t + 5), { handler: unable });
  const late = await assetState(database.db, jug.id, settings.pim);
  if (late === null) throw new Error("the asset is unknown");
  await play(database.db, jug.rename("products/LATE/3", t + 9), { handler: pim({ apiSecret }) });
  await signPictures(database.db, jug.id, late, [apiSecret]);
  expect(await shown(database.db, jug.id)).toMatchObject([
    { secure_url: signedUrl("products/LATE/3", { version: t }), stale: false },
  ]);
});

it.each(kinds)("a signed URL $what is signed again when the asset is renamed", async ({ signing }) => {
  const jug = assetBodies("products/SIGNED/täst 1", { type: "authenticated" });
  const to = "products/SIGNED/new näme, (2)";
  const handler = pim({ apiSecret });
  const eager = eagerWith(jug, signedUrl("products/SIGNED/täst 1", { ...signing, version: t }));
  const wanted = [
    {
      sku: "SIGNED",
      rendition: "made",
      secure_url: signedUrl(to, { ...signing, version: t }),
      is_file: false,
      stale: false,
    },
  ];

  await play(database.db, eager, { handler });
  await play(database.db, jug.rename(to, t + 5), { handler });
  expect(await shown(database.db, jug.id)).toEqual(wanted);

  // The other way round, and over again.
  const late = assetBodies("products/SIGNED/täst 1", { type: "authenticated" });
  await play(database.db, late.rename("products/SIGNED/in between", t + 2), { handler });
  await play(database.db, late.rename(to, t + 5), { handler });
  await play(database.db, { ...eager, asset_id: late.id }, { handler });
  expect(await shown(database.db, late.id)).toEqual(wanted);
});

/** What each SDK signs, written out: the text before the secret. */
const forms = [
  {
    what: "as the Ruby gem does: unescaped",
    transformation: "c_fill,w_400",
    from: {
      id: "products/FORM/plain 1",
      inUrl: "plain%201.jpg",
      signed: "c_fill,w_400/products/FORM/plain 1.jpg",
    },
    to: {
      id: "products/FORM/plain 2",
      inUrl: "plain%202.jpg",
      signed: "c_fill,w_400/products/FORM/plain 2.jpg",
    },
  },
  {
    what: "as the Ruby gem does, with a text layer that is escaped twice",
    transformation: "l_text:Arial_20:50%2525%20off",
    from: {
      id: "products/FORM/ä+b",
      inUrl: "%C3%A4%2Bb.jpg",
      signed: "l_text:Arial_20:50% off/products/FORM/ä+b.jpg",
    },
    to: {
      id: "products/FORM/ü+b",
      inUrl: "%C3%BC%2Bb.jpg",
      signed: "l_text:Arial_20:50% off/products/FORM/ü+b.jpg",
    },
  },
  {
    what: "as the Ruby gem does with sign_version",
    transformation: "w_9",
    from: { id: "products/FORM/a 1", inUrl: "a%201.jpg", signed: `w_9/v${t}/products/FORM/a 1.jpg` },
    to: { id: "products/FORM/b 1", inUrl: "b%201.jpg", signed: `w_9/v${t}/products/FORM/b 1.jpg` },
  },
  {
    what: "as the npm package does, with a named transformation that has a space",
    transformation: "t_primary@2x%20jpg",
    from: { id: "products/FORM/a b", inUrl: "a%20b.jpg", signed: "t_primary@2x jpg/products/FORM/a%20b.jpg" },
    to: { id: "products/FORM/c d", inUrl: "c%20d.jpg", signed: "t_primary@2x jpg/products/FORM/c%20d.jpg" },
  },
  {
    what: "as the Python package does, which encodes parentheses",
    transformation: "w_9",
    from: {
      id: "products/FORM/a (1)",
      inUrl: "a%20%281%29.jpg",
      signed: "w_9/products/FORM/a%20%281%29.jpg",
    },
    to: { id: "products/FORM/a (2)", inUrl: "a%20%282%29.jpg", signed: "w_9/products/FORM/a%20%282%29.jpg" },
  },
];

it.each(forms)("a URL that was signed $what keeps that form", async ({ transformation, from, to }) => {
  const jug = assetBodies(from.id, { type: "authenticated" });
  const handler = pim({ apiSecret });
  const url = ({ inUrl, signed }: (typeof forms)[number]["from"]) => {
    const signature = createHash("sha1")
      .update(signed + apiSecret)
      .digest("base64url")
      .slice(0, 8);
    return `https://res.cloudinary.com/demo/image/authenticated/s--${signature}--/${transformation}/v${t}/products/FORM/${inUrl}`;
  };
  await play(database.db, eagerWith(jug, url(from)), { handler });
  await play(database.db, jug.rename(to.id, t + 5), { handler });
  expect(await shown(database.db, jug.id)).toEqual([
    { sku: "FORM", rendition: "made", secure_url: url(to), is_file: false, stale: false },
  ]);
});

it("D6 concurrent renames and pictures result in the signature for the last name", async () => {
  const handler = pim({ apiSecret });
  for (let round = 0; round < 10; round += 1) {
    const jug = assetBodies("products/SIGNED/a", { type: "authenticated" });
    const signing = { version: t, transformation: "w_9" };
    const eager = eagerWith(jug, signedUrl("products/SIGNED/a", signing));
    const bodies = [
      eager,
      ...["b", "c", "d"].map((name, n) => jug.rename(`products/SIGNED/${name}`, t + n + 1)),
    ];
    await Promise.all(bodies.map((body) => play(database.db, body, { handler })));
    expect(await shown(database.db, jug.id)).toMatchObject([
      { secure_url: signedUrl("products/SIGNED/d", signing) },
    ]);
  }
});

it("an asset published with another delivery type is signed again too", async () => {
  const jug = assetBodies("products/SIGNED/b", { type: "authenticated" });
  const handler = pim({ apiSecret });
  const signing = { version: t, transformation: "w_9" };
  await play(database.db, eagerWith(jug, signedUrl("products/SIGNED/b", signing)), { handler });
  await play(database.db, { ...jug.rename("products/SIGNED/c", t + 5), type: "upload" }, { handler });
  expect(await shown(database.db, jug.id)).toMatchObject([
    { secure_url: signedUrl("products/SIGNED/c", { ...signing, type: "upload" }) },
  ]);
});

it.each([
  { whose: "no secret", handler: pim() },
  { whose: "another account's secret", handler: pim({ apiSecret: "not-the-one" }) },
])(
  "with $whose a URL that cannot be signed again stays as it was, marked as stale, and is reported",
  async ({ handler }) => {
    const jug = assetBodies("products/SIGNED/d", { type: "authenticated" });
    const before = signedUrl("products/SIGNED/d", { version: t, transformation: "w_9" });
    const rows = async () => {
      const { rows } = await database.db.query(
        "select public_id, secure_url, stale from pim_product_image where asset_id = $1",
        [jug.id],
      );
      return rows;
    };
    await play(database.db, eagerWith(jug, before), { handler });
    expect(await rows()).toEqual([{ public_id: "products/SIGNED/d", secure_url: before, stale: false }]);
    const end = await play(database.db, jug.rename("products/SIGNED/e", t + 5), { handler });
    expect(end).toMatchObject({ kind: "done", result: { assets: [{ unsigned: ["made"], pictures: 1 }] } });
    expect(await rows()).toEqual([{ public_id: "products/SIGNED/e", secure_url: before, stale: true }]);
    expect((await findProduct(database.db, "SIGNED"))?.images.filter(({ stale }) => stale)).toMatchObject([
      { secureUrl: before },
    ]);
    expect(await stalePictures(database.db)).toBe(1);

    // With the right secret, the next notification about the asset signs it.
    const renamed = assetBodies("products/SIGNED/e", { type: "authenticated", id: jug.id });
    await play(database.db, renamed.tags([], [], t + 6), { handler: pim({ apiSecret }) });
    const after = signedUrl("products/SIGNED/e", { version: t, transformation: "w_9" });
    expect(await rows()).toEqual([{ public_id: "products/SIGNED/e", secure_url: after, stale: false }]);
    expect(await stalePictures(database.db)).toBe(0);
  },
);

it("a secret that was replaced leaves the address under the last name that it signed", async () => {
  const jug = assetBodies("products/SIGNED/f", { type: "authenticated" });
  const signing = { version: t, transformation: "w_9" };
  await play(database.db, eagerWith(jug, signedUrl("products/SIGNED/f", signing)), {
    handler: pim({ apiSecret }),
  });
  await play(database.db, jug.rename("products/SIGNED/g h", t + 5), { handler: pim({ apiSecret }) });
  await play(database.db, jug.rename("products/SIGNED/i", t + 6), { handler: pim({ apiSecret: "another" }) });
  expect(await shown(database.db, jug.id)).toMatchObject([
    { secure_url: signedUrl("products/SIGNED/g h", signing) },
  ]);
  await play(database.db, jug.rename("products/SIGNED/f", t + 7), { handler: pim() });
  expect(await stalePictures(database.db)).toBe(0);
});

it("published under its name it keeps its signature", async () => {
  const jug = assetBodies("products/SIGNED/k", { type: "authenticated" });
  const signing = { version: t, transformation: "w_9" };
  const handler = pim({ apiSecret });
  await play(database.db, eagerWith(jug, signedUrl("products/SIGNED/k", signing)), { handler });
  await play(database.db, { ...jug.rename("products/SIGNED/k", t + 5), type: "upload" }, { handler });
  expect(await shown(database.db, jug.id)).toMatchObject([
    { secure_url: signedUrl("products/SIGNED/k", { ...signing, type: "upload" }) },
  ]);
});

function eagerWith(jug: ReturnType<typeof assetBodies>, secure_url: string) {
  return jug.eager(t, [], { eager: [{ transformation: "made", secure_url, format: "jpg" }] });
}
