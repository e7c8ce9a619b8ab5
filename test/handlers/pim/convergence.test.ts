import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pim } from "../../../src/handlers/pim/handler.ts";
import { restoreRemoved } from "../../../src/handlers/pim/operator-acts.ts";
import { settings } from "../../../src/settings.ts";
import { embeddedDatabase, realDatabase, type TestDatabase } from "../../support/databases.ts";
import { fc } from "../../support/fast-check.ts";
import { fakeAccount } from "./fake-account.ts";
import { play, played, shownOf } from "./play.ts";
import { type Act, apiSecret, type Sent, type Signer, type Uploaders, World } from "./world.ts";

const sku = fc.constantFrom("VASE-1", "VASE-2", "BOWL");

const is = <D extends Act["do"]>(what: D) => fc.constant<D>(what);
const names = fc.uniqueArray(fc.constantFrom("c_fill,w_100", "e_grayscale", "w_9"), { minLength: 1 });
const to = fc.constantFrom(
  "products/BOWL/main",
  "products/VASE-1/ü 1",
  "loose/v12/one",
  "products/v3/50% off?",
);
const status = fc.constantFrom("approved" as const, "rejected" as const, "pending" as const);
const tags = fc.option(fc.uniqueArray(sku, { maxLength: 2 }));

// Twice as often open, or most histories would end without a picture.
const mode = fc.constantFrom("public" as const, "public" as const, "authenticated" as const);

const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: is("upload"), tags, pdf: fc.boolean(), mode }) },
    { weight: 5, arbitrary: fc.record({ do: is("eager"), names, seconds: fc.nat(20) }) },
    { weight: 3, arbitrary: fc.record({ do: is("rename"), to }) },
    { weight: 2, arbitrary: fc.record({ do: is("delete"), versioned: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: is("restore") }) },
    { weight: 1, arbitrary: fc.record({ do: is("take-back") }) },
    { weight: 3, arbitrary: fc.record({ do: is("metadata"), skus: fc.uniqueArray(sku) }) },
    { weight: 2, arbitrary: fc.record({ do: is("context"), sku: fc.option(sku) }) },
    { weight: 3, arbitrary: fc.record({ do: is("tag"), add: fc.boolean(), sku }) },
    { weight: 3, arbitrary: fc.record({ do: is("moderate"), status }) },
    { weight: 1, arbitrary: fc.record({ do: is("lock"), locked: fc.boolean() }) },
  ),
  { minLength: 1, maxLength: 10 },
);

interface Case {
  history: Act[];
  /** Bodies as they were before 2024, which say less of when. */
  old: boolean;
  uploaders: Uploaders;
  signer: Signer;
  /** In which order the notifications come, and which come twice. */
  order: number[];
}

const order = fc.array(fc.nat(10_000), { minLength: 24, maxLength: 24 });

const anyCase: fc.Arbitrary<Case> = fc.record({
  history: acts,
  old: fc.boolean(),
  uploaders: fc.constantFrom<Uploaders>("team", "visitors", "visitors-and-trigger"),
  signer: fc.constant<Signer>("nobody"),
  order,
});

/** Most histories of all kinds end without a picture; these end with signed ones, renamed in between. */
const signedCase: fc.Arbitrary<Case> = fc.record({
  history: fc
    .array(
      fc.oneof(
        { weight: 1, arbitrary: fc.record({ do: is("upload"), tags: fc.constant(null) }) },
        { weight: 3, arbitrary: fc.record({ do: is("eager"), names, seconds: fc.nat(20) }) },
        { weight: 3, arbitrary: fc.record({ do: is("rename"), to }) },
        { weight: 1, arbitrary: fc.record({ do: is("metadata"), skus: fc.uniqueArray(sku) }) },
      ),
      { minLength: 2, maxLength: 8 },
    )
    .map((history): Act[] => [{ do: "upload", tags: ["VASE-1"] }, ...history]),
  old: fc.boolean(),
  uploaders: fc.constant<Uploaders>("team"),
  signer: fc.constantFrom<Signer>("known", "known-with-version", "unknown"),
  order,
});

// Several assets side by side in each run, since both databases answer several connections.
const cases: fc.Arbitrary<Case[]> = fc
  .tuple(
    fc.array(anyCase, { minLength: 6, maxLength: 6 }),
    fc.array(signedCase, { minLength: 3, maxLength: 3 }),
  )
  .map(([any, signed]) => [...any, ...signed]);

/** Rare by chance: a newer picture under the earlier name comes after the rename, when the one before it was signed again already. */
const lateEager: Case = {
  history: [
    { do: "eager", names: ["w_9"], seconds: 1 },
    { do: "upload", tags: null },
    { do: "eager", names: ["w_9"], seconds: 1 },
    { do: "rename", to: "products/BOWL/main" },
  ],
  old: false,
  uploaders: "team",
  signer: "known-with-version",
  order: [1, 2, 4, 7, 5],
};

/** An earlier decision on the same version comes after the later one. */
const lateRejection: Case = {
  history: [
    { do: "tag", add: true, sku: "VASE-1" },
    { do: "moderate", status: "rejected" },
    { do: "moderate", status: "approved" },
  ],
  old: false,
  uploaders: "team",
  signer: "nobody",
  order: [1, 2, 5, 4],
};

const locked: Case = {
  history: [
    { do: "tag", add: true, sku: "VASE-1" },
    { do: "lock", locked: true },
  ],
  old: false,
  uploaders: "team",
  signer: "nobody",
  order: [1, 4, 2],
};

let assets = 0;

function happen({ history, order, ...how }: Case) {
  assets += 1;
  const id = `asset${assets}`;
  const world = new World(id, how, 1_700_000_000);
  world.act({ do: "upload", tags: null });
  for (const one of history) world.act(one);
  return { id, world, deliveries: shuffled(world.sent, order) };
}

function shuffled(sent: readonly Sent[], order: readonly number[]): Sent[] {
  const draw = (n: number) => order[n % order.length] ?? 0;
  return sent
    .flatMap((one, n) => (draw(n) % 3 === 0 ? [one, one] : [one]))
    .map((one, n) => ({ one, key: draw(n) }))
    .sort((a, b) => a.key - b.key)
    .map(({ one }) => one);
}

/** Seeds differ in each run of the tests, so that many runs see many histories; for more at once, set CONVERGENCE_RUNS. */
const histories = Number(process.env.CONVERGENCE_RUNS ?? 10);

describe.each([
  { engine: "a real PostgreSQL", open: () => realDatabase(8), runs: histories },
  { engine: "the PGlite of netlify dev", open: () => embeddedDatabase(8), runs: Math.ceil(histories / 5) },
])("notifications in any order, some twice, on $engine", ({ open, runs }) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await open();
  });
  afterAll(() => database.drop());

  const cloudinary = fakeAccount();
  const handler = pim({ api: cloudinary.api, apiSecret });
  const eager = { ...settings, pim: { ...settings.pim, approvalReadsPerHour: 1_000_000 } };

  async function deliver({ body, restores, ...playing }: Sent): Promise<void> {
    if (restores) await restoreRemoved(database.db, played(body, playing), settings.pim);
    else {
      const asHere = { ...playing, handler, settings: eager };
      let ended = await play(database.db, body, asHere);
      // What takes long makes room for others and goes on, on a busy machine also here.
      while (ended.kind === "wait")
        ended = await play(database.db, body, { ...asHere, progress: ended.progress ?? null });
    }
  }

  /** Several assets side by side. */
  async function holds(several: readonly Case[], deliverAll: (deliveries: Sent[]) => Promise<void>) {
    const played = several.map((one) => ({ one, ...happen(one) }));
    await Promise.all(
      played.map(async ({ id, world, deliveries }) => {
        const held = world.atCloudinary();
        if (held !== null) cloudinary.hear({ asset_id: id, ...held });
        await deliverAll(deliveries);
      }),
    );
    const ids = played.map(({ id }) => id);
    const ends = await shownOf(database.db, ids);
    for (const { one, id, world } of played)
      expect(ends.get(id), JSON.stringify(one)).toEqual(world.expected());
  }

  it("D6 sequential notifications in any order have the same result as in their own order", async () => {
    await fc.assert(
      fc.asyncProperty(cases, (several) =>
        holds(several, async (deliveries) => {
          for (const one of deliveries) await deliver(one);
        }),
      ),
      { numRuns: runs, endOnFailure: true, examples: [[[lateEager, lateRejection, locked]]] },
    );
  }, 300_000);

  it("D1 D6 concurrent notifications have the same result as in their own order", {
    timeout: 300_000,
    retry: 0,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(cases, (several) =>
        holds(several, async (deliveries) => {
          await Promise.all(deliveries.map(deliver));
        }),
      ),
      { numRuns: runs, endOnFailure: true },
    );
  });
});
