import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { app } from "../../../src/console/server/app.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { parse } from "../../../src/lib/notifications/parse.ts";
import { fixtures } from "../../lib/notifications/fixtures.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { ask, origin } from "../operator.ts";
import { deliverAll, hold, kill } from "../page/scene.ts";
import { operatorToken, vicToken } from "../tokens.ts";

const address = "ada.planted@example.com";
const token = "Zx81PlantedZx81";
/** None of it may be read anywhere, in whatever spelling. */
const planted = /ada\.planted|Zx81Planted/i;

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await realDatabase();
  ({ db } = database);
  configured(database.url, { OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}` });
  await arriveEverything();
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await database.drop();
});

/** Every type of notification twice: planted in every string that keeps the body valid, and in every string there is. */
async function arriveEverything(): Promise<void> {
  for (const { bytes } of fixtures()) {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString());
    for (const keepsValid of [true, false]) await arrive(plantedIn(body, keepsValid), origin);
  }
  // Products, with the plant in the SKU and in the alternative text.
  const context = { custom: { sku: `VASE-${address}`, alt: `token=${token} of ${address}` } };
  await arrive(uploadBody({ public_id: "p/1", context }), origin);
  await arrive(uploadBody({ public_id: "p/2", context: { custom: { sku: `token=${token}` } } }), origin);
  await deliverAll(db);
  const says = `refused ${address}, https://e.com/?token=${token}, bearer ${token}`;
  const dies = async (end: typeof kill) => {
    const id = await arrive(uploadBody({ public_id: `people/${address}` }), origin);
    await end(db, ["pim"], says);
    await end(db, ["moderation"], says);
    return id;
  };
  await dies(kill);
  await dies(hold);
  const id = await arrive(uploadBody({ public_id: `people/${address}` }), origin);
  await ask(`/api/notifications/${id}/replay`, { body: { reason: `${address} asked, token=${token}` } });
  await ask("/api/handlers/email/pause", { body: { reason: `${address} asked, token=${token}` } });
  const headers = { "user-agent": `mail to ${address} bearer ${token}`, "x-cld-timestamp": address };
  await invoke(
    (await import("../../../netlify/functions/notification.ts")).default,
    signedRequest("{}", { headers }),
  );
}

/** A copy with the plant in each string, or in each for which the body stays valid. */
function plantedIn(body: unknown, keepsValid: boolean): object {
  const copy: unknown = structuredClone(body);
  const isValid = () => parse(Buffer.from(JSON.stringify(copy)), null).ok;
  visit(copy);
  return copy as object; // Every fixture is an object.

  function visit(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [name, part] of Object.entries(value)) {
      if (typeof part !== "string") visit(part);
      else if (name !== "notification_type") {
        const isUrl = /^https?:/.test(part);
        Reflect.set(
          value,
          name,
          isUrl
            ? `${part.replace(/(\.\w+)?$/, `-${address}$1`)}?token=${token}`
            : `${part} ${address} token=${token}`,
        );
        if (keepsValid && !isValid()) Reflect.set(value, name, part);
      }
    }
  }
}

/** What each parameter of an address can be. */
async function addressesOf(path: string): Promise<string[]> {
  const list = async (sql: string) =>
    (await db.query<{ value: string }>(sql)).rows.map(({ value }) => encodeURIComponent(value));
  const everyId = () => list("select id as value from notifications");
  const fill = (name: string, values: string[]) => values.map((value) => path.replace(name, value));
  switch (path) {
    case "/api/mails/:id":
    case "/api/mails/:id/html":
      return fill(":id", await list("select id as value from deliveries where handler = 'email'"));
    case "/api/deliveries/:id/release":
      return fill(":id", await list("select id as value from deliveries where state = 'held'"));
    case "/api/products/:sku":
    case "/api/pim/products/:sku":
      return fill(":sku", await list("select distinct sku as value from pim_asset_sku"));
    case "/api/product":
    case "/api/pim/product":
      return (await list("select distinct sku as value from pim_asset_sku")).map(
        (sku) => `${path}?sku=${sku}`,
      );
    case "/api/moderation":
      return ["pending", "decided", "held"].map((show) => `${path}?show=${show}&limit=600`);
    case "/api/stuck":
    case "/api/stuck/groups":
    case "/api/stuck/deletions":
      return ["dead", "held"].map(
        (state) => `${path}?state=${state}${path.endsWith("stuck") ? "&limit=200" : ""}`,
      );
    case "/api/suggestions":
      return ["any", "sku", "tag", "person"].flatMap((kind) =>
        ["", "ada", "Zx81", "token", "vase", "p"].map((q) => `${path}?q=${q}&kind=${kind}`),
      );
    case "/api/faces/asset":
      return (
        await list("select distinct asset_id as value from notifications where asset_id is not null")
      ).map((id) => `${path}?assetId=${id}`);
    case "/api/moderation/picture":
    case "/api/picture":
      return []; // Redirects; below.
    default:
      if (path.includes("/export")) {
        const shows = path.endsWith("/moderation") ? ["&show=pending", "&show=decided", "&show=held"] : [""];
        return shows.flatMap((show) => ["json", "csv"].map((format) => `${path}?format=${format}${show}`));
      }
      if (path.startsWith("/api/notifications/:id")) return fill(":id", await everyId());
      return ["/api/notifications", "/api/products", "/api/unmapped", "/api/mails", "/api/acts"].some((end) =>
        path.endsWith(end.slice(4)),
      )
        ? [`${path}?limit=200`]
        : [path];
  }
}

const reads = [
  ...new Set(
    app.routes.flatMap(({ method, path }) => (method === "GET" && !path.endsWith("*") ? [path] : [])),
  ),
].filter((path) => !path.endsWith("/body/recorded")); // The exact bytes, for operators.

describe("a token and an address in every string of every type", () => {
  it.each(reads)(
    "are not in %s",
    async (path) => {
      const found: string[] = [];
      for (const one of await addressesOf(path)) {
        const response = await ask(one);
        const text = await response.text();
        if (response.status >= 500 && !path.includes("upload-widget"))
          found.push(`${one}: ${response.status}`);
        const isJson = response.headers.get("content-type")?.includes("json");
        const { body: _, ...json } = isJson ? JSON.parse(text) : { text };
        // The exact body in the record of a notification is an operator's.
        const shown = path === "/api/notifications/:id" ? JSON.stringify(json) : text + JSON.stringify(json);
        if (planted.test(shown))
          found.push(
            `${one}: …${shown.slice(Math.max(0, shown.search(planted) - 80), shown.search(planted) + 60)}`,
          );
      }
      expect(found).toEqual([]);
    },
    240_000,
  );

  it("is searched for in non-empty responses", async () => {
    for (const path of reads)
      if (!/picture|release|upload-widget|html|forgettings/.test(path)) {
        const [one = ""] = await addressesOf(path);
        expect([one, (await ask(one)).status]).toEqual([one, 200]);
      }
    const stuck = await (await ask("/api/stuck?state=dead")).text();
    expect(stuck).toContain("a…@example.com");
    expect(await (await ask("/api/products")).text()).toContain("V…@example.com");
  });
});

describe("a picture whose public id contains an address", () => {
  interface Listed {
    notifications: { thumbnail: string; publicId: string }[];
  }
  const thumbnails = async (publicId: string, token?: string) => {
    const response = await ask(
      `/api/notifications?publicId=${encodeURIComponent(publicId)}`,
      token ? { token } : {},
    );
    return ((await response.json()) as Listed).notifications;
  };

  it("is loaded through the receiver, by operators and viewers", async () => {
    const secure_url = `https://res.cloudinary.com/demo/image/upload/v1/staff/${address}.jpg`;
    await arrive(uploadBody({ public_id: `staff/${address}`, secure_url }), origin);
    const [first] = await thumbnails("staff/");
    expect(first?.publicId).toBe("staff/a…@example.com");
    expect(first?.thumbnail).toMatch(/^\/api\/picture\?of=/);
    const [again] = await thumbnails("staff/", vicToken);
    expect(again?.thumbnail).toBe(first?.thumbnail);
    const response = await ask(first?.thumbnail ?? "", { token: vicToken });
    expect([response.status, response.headers.get("location")]).toEqual([
      302,
      `https://res.cloudinary.com/demo/image/upload/c_limit,h_320,w_320/v1/staff/ada.planted%40example.com.jpg`,
    ]);
    expect((await ask(first?.thumbnail ?? "", { token: null })).status).toBe(401);
  });

  it("cannot be redirected: not with a parameter from elsewhere, a changed one, or another host", async () => {
    const [{ thumbnail = "" } = {}] = await thumbnails("staff/");
    const changed = `${thumbnail.slice(0, -2)}${thumbnail.endsWith("AA") ? "BB" : "AA"}`;
    for (const of of [changed, "/api/picture?of=sealed-", "/api/picture?of=https%3A%2F%2Fevil.example"])
      expect((await ask(of)).status).toBe(404);
    const secure_url = `https://pictures.example/${address}.jpg`;
    await arrive(uploadBody({ public_id: "elsewhere/1", secure_url }), origin);
    expect((await thumbnails("elsewhere/"))[0]?.thumbnail).toBeNull();
  });

  it("keeps the public signature of a delivery URL, and masks a token", async () => {
    const at = (path: string) => `https://res.cloudinary.com/demo/image/authenticated/${path}`;
    const signed = at("s--AbCd1234--/v1/signed/1.jpg");
    await arrive(uploadBody({ public_id: "signed/1", type: "authenticated", secure_url: signed }), origin);
    const withToken = `${at("v1/signed/2.jpg")}?__cld_token__=exp=1~hmac=00ff`;
    await arrive(uploadBody({ public_id: "signed/2", type: "authenticated", secure_url: withToken }), origin);
    expect((await thumbnails("signed/")).map(({ thumbnail }) => thumbnail)).toEqual([null, signed]);
  });
});

it("a product whose SKU contains an address is found by the masked SKU in the list", async () => {
  const { products } = (await (await ask("/api/products")).json()) as {
    products: { sku: string; ref: string }[];
  };
  const { sku, ref } = products.find((one) => one.sku.startsWith("V…")) ?? { sku: "", ref: "" };
  expect(ref).not.toBe(sku);
  const found = await (await ask(`/api/product?sku=${ref}`)).json();
  expect(found).toMatchObject({ sku, images: [{ altText: "token=[masked] of a…@example.com" }] });
});

it("an asset with a masked public id can be erased through its notification", async () => {
  const body = { ...uploadBody({ public_id: `gone/${address}` }), asset_id: undefined };
  const id = await arrive(body, origin);
  const response = await ask("/api/erasures/preview", { body: { assetOf: id } });
  expect(await response.json()).toMatchObject({ publicIds: ["gone/a…@example.com"], notifications: 1 });
});

it("a name that a spreadsheet would run as a formula is text in a CSV export", async () => {
  const names = ["=cmd|' /C calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "\uff1d1"];
  for (const public_id of names) await arrive(uploadBody({ public_id, display_name: public_id }), origin);
  const response = await ask("/api/exports/notifications?format=csv");
  expect(response.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  const csv = await response.text();
  expect(names.filter((name) => !csv.includes(`"'${name}"`))).toEqual([]);
});
