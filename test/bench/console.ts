import { pathToFileURL } from "node:url";
import consoleApi from "../../netlify/functions/console-api.ts";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure, median } from "./figure.ts";
import { fillShop } from "./pim.ts";
import { seed } from "./seed.ts";
import { benchServer } from "./server.ts";

const few = 1_000;
const many = 100_000;
/** With `--scale`. */
export const manyAtScale = 1_000_000;
const perRound = 3;
const atMost = 1.5;
const token = "bench-5d17c90e3fa84b62d8c1f07a9e43b52d";

/**
 * What the console's list and each of its searches take with many notifications, against the same with 1,000. Each search finds
 * as many in both, and what is rare is the oldest: a dead letter stays when the others are forgotten.
 */
const searches: Record<string, string> = {
  "the newest": "",
  "a page in the middle": "before=middle",
  "a common type": "type=upload",
  "a rare type": "type=publish",
  "a common prefix": "publicId=products/",
  "a rare prefix": "publicId=archive/",
  "an asset": "assetId=asset-100",
  "an asset that a body lists": "assetId=listed-500",
  "a request": "requestId=request-500",
  "deliveries done": "state=done",
  "deliveries dead": "state=dead",
  "deliveries held, of one handler": "state=held&handler=email",
  "a common type and a rare state": "type=upload&state=dead",
  "a common prefix and a rare state": "publicId=products/&state=held",
  "a rare state after a page": "state=dead&before=middle",
  "an hour": "since=middle-30m&until=middle%2B30m",
  "a type, a prefix and a state": "type=eager&publicId=products/&state=done",
  "a state and a handler, without results": "state=skipped&handler=email",
  "a handler without results": "q=handler:moderation",
  "a word": "q=chair",
  "two words": "q=spring+chair",
  "a rare word": "q=needle",
  "a rare part of a word": "q=eedl",
  "a word without results": "q=nowhere",
  "a tag": "q=tag:garden",
  "an SKU without results": "q=sku:NONE",
  "a part of a public id": "q=products/1",
  "a request id": "q=request-500",
  "a rare environment": "q=cloud:archive",
  "an environment without results": "q=cloud:none",
  "all but a common type": "q=-type:upload",
  "a word and a rare state": "q=chair+state:dead",
  "a common state, without a word": "q=state:done+-chair",
};

const others: Record<string, string> = {
  "dead letters by cause": "/api/stuck/groups?state=dead",
  "dead letters one by one": "/api/stuck?state=dead",
  "what waits for a moderator": "/api/moderation?show=pending",
  "the e-mails": "/api/mails",
  "e-mails in a state that none has": "/api/mails?state=skipped",
  "e-mails before a time": "/api/mails?until=middle-30m",
  "e-mails about a rare word": "/api/mails?q=needle",
  "what is open, by handler": "/api/handlers",
  "the numbers beside the views": "/api/counts",
  decisions: "/api/moderation?show=decided",
  "decisions of a kind that none has": "/api/moderation?show=decided&kind=webpurify",
  "the audit log": "/api/acts",
  "the audit log before a time": "/api/acts?until=middle-30m",
  "actions of nobody": "/api/acts?actor=nobody",
  "a text that no action has": "/api/acts?q=nowhere",
  "rejected requests": "/api/refusals",
  drift: "/api/drift",
  people: "/api/faces",
  "a person that nobody is": "/api/faces?q=nobody",
  products: "/api/products",
  "a product that does not exist": "/api/products?search=nowhere",
  "assets without a product": "/api/unmapped",
  metrics: "/api/metrics",
  "one notification's story": "/api/notifications/first/story",
  "a histogram of 12 hours": "/api/notifications/counts?since=12h-ago",
  "a histogram of a word": "/api/notifications/counts?since=12h-ago&q=chair",
  "suggestions for a rare word": "/api/suggestions?q=needle",
  health: "/api/health",
};

interface Site {
  url: string;
  db: Db;
  count: number;
}

export async function benchConsole(count = many, rounds = 4): Promise<Figure[]> {
  const server = await benchServer();
  const sites = {
    ours: siteAt(server.url, count),
    theirs: siteAt(await createMigratedDatabase(server.url, "bench_few"), few),
  };
  const before = { ...process.env };
  try {
    for (const site of Object.values(sites)) {
      await seed(site);
      // A page of assets without a product looks at 2,000 assets.
      await fillShop({ db: site.db, assets: Math.max(2_000, site.count / 10) });
    }
    process.env.OPERATOR_TOKEN = token;
    process.env.CLOUDINARY_URL = "cloudinary://1234:bench-secret-of-the-console@demo";
    const paths = { ...mapValues(searches, (query) => `/api/notifications?${query}`), ...others };
    const figures: Figure[] = [];
    for (const [name, path] of Object.entries(paths)) {
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(path, sites.ours), theirs: () => millisecondsOf(path, sites.theirs) },
        1,
      );
      const against = `${few.toLocaleString("en")} notifications`;
      figures.push(compare({ name: `console: ${name}`, against, unit: "ms", ...times, aim: { atMost } }));
    }
    return figures;
  } finally {
    Object.assign(process.env, before);
    for (const { db } of Object.values(sites)) await db.close();
    await server.stop();
  }
}

async function millisecondsOf(path: string, site: Site): Promise<number> {
  process.env.DATABASE_URL = site.url;
  const request = new URL(await withPlaces(path, site), "https://bench.example.com");
  const times: number[] = [];
  for (let n = 0; n < perRound; n += 1) {
    const start = performance.now();
    const response = await consoleApi(
      new Request(request, { headers: { authorization: `Bearer ${token}` } }),
      {
        deploy: { context: "production" },
        waitUntil: () => {},
      },
    );
    const text = await response.text();
    times.push(performance.now() - start);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
  }
  return median(times);
}

const places = new Map<Site, { cursor: string; at: Date; id: string }>();

/** The address with the middle of this site's list put in. */
async function withPlaces(path: string, site: Site): Promise<string> {
  const known = places.get(site) ?? (await middleOf(site));
  places.set(site, known);
  const away = (minutes: number) =>
    encodeURIComponent(new Date(known.at.getTime() + minutes * 60_000).toISOString());
  return path
    .replace("12h-ago", encodeURIComponent(new Date(Date.now() - 12 * 3_600_000).toISOString()))
    .replace("middle-30m", away(-30))
    .replace("middle%2B30m", away(30))
    .replace("before=middle", `before=${encodeURIComponent(known.cursor)}`)
    .replace("/first/", `/${known.id}/`);
}

async function middleOf({ db, count }: Site) {
  const { rows } = await db.query<{ cursor: string; at: Date; id: string }>(
    `select to_char(received_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || id as cursor, received_at as at, id
     from notifications order by received_at desc, id desc offset $1::int limit 1`,
    [Math.floor(count / 2)],
  );
  const [row] = rows;
  if (!row) throw new Error("there is nothing to measure");
  return row;
}

function siteAt(url: string, count: number): Site {
  return { url, db: database({ url, max: 2, timeoutMs: 300_000 }), count };
}

function mapValues<V, W>(object: Record<string, V>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ours, theirs, ratio } of await benchConsole())
    console.log(
      `${name}: ${ours.toFixed(2)} ms with ${many}, ${theirs.toFixed(2)} ms with ${few}, ${ratio.toFixed(2)} times (at most ${atMost})`,
    );
}
