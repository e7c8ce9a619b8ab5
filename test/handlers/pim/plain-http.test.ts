import { afterAll, beforeAll, expect, it } from "vitest";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { assetBodies } from "./bodies.ts";
import { play, shown } from "./play.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await realDatabase();
});
afterAll(() => database.drop());

const t = 1_750_000_000;

/** An eager body of a mapped asset whose addresses begin so; returns what its product shows. */
async function shownFor(origin: string): Promise<string[]> {
  const jug = assetBodies();
  const eager = JSON.stringify(jug.eager(t, ["c_fill,w_100"]));
  await play(database.db, jug.tags(["sku:JUG-1"], [], t));
  await play(database.db, JSON.parse(eager.replaceAll("https://res.cloudinary.com", origin)));
  return (await shown(database.db, jug.id)).map(({ secure_url }) => secure_url);
}

it.each(["http://127.0.0.1:8889", "http://localhost:8889"])(
  "pictures of the local stack at %s can be opened",
  async (origin) => {
    expect(await shownFor(origin)).toEqual([expect.stringMatching(new RegExp(`^${origin}/`))]);
  },
);

it("any other URL is shown with https, regardless of the notification", async () => {
  const other = "http://localhost.example.com";
  expect(await shownFor(other)).toEqual([expect.stringMatching(/^https:\/\/localhost\.example\.com\//)]);
});
