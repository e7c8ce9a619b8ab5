import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { catalogue } from "./catalogue.ts";
import { connectorContract } from "./connector-contract.ts";

const shop = [
  "create schema shop",
  "create table shop.product (sku text primary key, images jsonb not null)",
  "create table shop.state (now text not null)",
  "insert into shop.state values ('takes')",
  `create function shop.set_images(text, jsonb) returns boolean language plpgsql as $$
   declare state text := (select now from shop.state);
   begin
     if state = 'is-down' then raise exception 'the catalogue is being rebuilt'; end if;
     if state = 'takes' then
       insert into shop.product values ($1, $2) on conflict (sku) do update set images = excluded.images;
     end if;
     return state = 'takes';
   end $$`,
];

connectorContract(
  "that calls a function of the company's own",
  ["takes", "is-down", "knows-no-such-product"],
  async ({ db }) => {
    for (const statement of shop) await db.query(statement);
    return {
      handler: catalogue(),
      async holds(sku) {
        const { rows } = await db.query<{ urls: string[] }>(
          "select array(select i ->> 'url' from jsonb_array_elements(images) i) as urls from shop.product where sku = $1",
          [sku],
        );
        return rows[0]?.urls ?? null;
      },
      async answer(how) {
        await db.query("update shop.state set now = $1", [how]);
      },
      close: async () => {},
    };
  },
);

it("the example in docs/pim.md matches the tested connector", async () => {
  const [sketch, docs] = await Promise.all([
    readFile(new URL("./catalogue.ts", import.meta.url), "utf8"),
    readFile(new URL("../../../docs/pim.md", import.meta.url), "utf8"),
  ]);
  const body = sketch.slice(sketch.indexOf("/** Passes each"));
  expect(docs).toContain(body.trim());
});
