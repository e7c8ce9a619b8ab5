import { pathToFileURL } from "node:url";
import consoleApi from "../../netlify/functions/console-api.ts";
import { type Db, database } from "../../src/lib/database/pool.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { alternate, compare, type Figure, median } from "./figure.ts";
import { benchServer } from "./server.ts";

const few = 1_000;
const many = 1_000_000;
const perRound = 5;
const atMost = 1.5;
const token = "bench-5d17c90e3fa84b62d8c1f07a9e43b52d";

/**
 * What the console's list and each of its searches take with 1,000,000 notifications, against the same with 1,000. Each search finds
 * as many in both, and what is rare is the oldest: a dead letter stays when the others are forgotten.
 */
const searches: Record<string, string> = {
  "the newest": "",
  "a page in the middle": "before=middle",
  "a common type": "type=upload",
  "a rare type": "type=publish",
  "a common prefix": "publicId=products/",
  "a rare prefix": "publicId=archive/",
  "an asset": "assetId=asset-500",
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
  "two words": "q=oak+chair",
  "a rare word": "q=needle",
  "a rare part of a word": "q=eedl",
  "a word without results": "q=nowhere",
  "a tag": "q=tag:garden",
  "an SKU without results": "q=sku:NONE",
  "a part of a public id": "q=products/7",
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
  "what is open, by handler": "/api/handlers",
  "one notification's story": "/api/notifications/first/story",
  "a day's histogram": "/api/notifications/counts",
  "a histogram of a word": "/api/notifications/counts?q=chair",
  "suggestions for a rare word": "/api/suggestions?q=needle",
  health: "/api/health",
};

interface Site {
  url: string;
  db: Db;
  count: number;
}

export async function benchConsole(rounds = 6): Promise<Figure[]> {
  const server = await benchServer();
  const sites = {
    ours: siteAt(server.url, many),
    theirs: siteAt(await createMigratedDatabase(server.url, "bench_few"), few),
  };
  const before = { ...process.env };
  try {
    for (const site of Object.values(sites)) await fill(site);
    process.env.OPERATOR_TOKEN = token;
    process.env.CLOUDINARY_URL = "cloudinary://1234:bench-secret-of-the-console@demo";
    const paths = { ...mapValues(searches, (query) => `/api/notifications?${query}`), ...others };
    const figures: Figure[] = [];
    for (const [name, path] of Object.entries(paths)) {
      const times = await alternate(
        rounds,
        { ours: () => millisecondsOf(path, sites.ours), theirs: () => millisecondsOf(path, sites.theirs) },
        3,
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

/**
 * A minute apart, four for each asset; one in ten an eager, the last three hundred the rare ones. Indexes are made afterwards, which
 * takes a fraction of the time.
 */
async function fill({ url, count }: Site): Promise<void> {
  // One connection: the settings are its own.
  const db = database({ url, max: 1, timeoutMs: 600_000 });
  try {
    for (const setting of [
      "session_replication_role = replica",
      "synchronous_commit = off",
      "maintenance_work_mem = '512MB'",
    ])
      await db.query(`set ${setting}`);
    const indexes = await dropIndexes(db);
    for (const statement of filling(count)) await db.query(statement);
    for (const index of indexes) await db.query(index);
    await db.query("vacuum analyze");
    await db.query("checkpoint");
  } finally {
    await db.close();
  }
}

/** Drops what is no key, and returns how to make it again. */
async function dropIndexes(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string; made: string }>(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as made from pg_index
     where indrelid in ('notifications'::regclass, 'deliveries'::regclass, 'attempts'::regclass, 'search_texts'::regclass)
       and not indisprimary and not indisunique`,
  );
  for (const { name } of rows) await db.query(`drop index ${name}`);
  return rows.map(({ made }) => made);
}

const filling = (count: number): string[] => [
  `insert into notifications (identity, body_sha256, type, asset_id, public_id, version, request_id, cloud, received_at, signed_at, body, secret_name, algorithm)
   select 'identity-' || n, '', case when n > ${count} - 60 then 'publish' when n % 10 = 0 then 'eager' else 'upload' end,
          'asset-' || a, case when n between ${count} - 120 and ${count} - 61 then 'archive/' else 'products/' end || a || '/main', 1760000123,
          'request-' || n, case when n > ${count} - 60 then 'archive' else 'demo' end, now() - n * interval '1 minute', now() - n * interval '1 minute',
          convert_to('{"notification_type":"upload","asset_id":"asset-' || a || '","public_id":"products/' || a || '/main","version":1760000123,"resource_type":"image","type":"upload","tags":["spring","garden"],"secure_url":"https://res.cloudinary.com/demo/image/upload/v1760000123/products/' || a || '/main.jpg"}', 'UTF8'),
          'CLOUDINARY_URL', 'sha1'
   from generate_series(1, ${count}) n cross join lateral (select (n + 3) / 4 as a) asset`,
  // Each has a product, every fourth an e-mail.
  `insert into deliveries (notification_id, handler, state, attempts, created_at, settled_at, last_error)
   select id, handler,
          case when n between ${count} - 180 and ${count} - 121 then 'dead' when n between ${count} - 240 and ${count} - 181 then 'held'
               when handler = 'pim' and n % 5 = 0 then 'skipped' else 'done' end,
          1, received_at, received_at, case when n between ${count} - 240 and ${count} - 121 then 'answered 500 for ' || id end
   from notifications cross join lateral (select substr(identity, 10)::int as n) numbered cross join unnest(array['pim', 'email']) as handler
   where n <= ${count} - 60 and (handler = 'pim' or n % 4 = 0 or n > ${count} - 300)`,
  `insert into attempts (delivery_id, number, started_at, ended_at, outcome)
   select id, 1, created_at, created_at, state from deliveries order by created_at`,
  `insert into notification_asset (notification_id, asset_id, public_id)
   select id, 'listed-' || substr(identity, 10), 'listed/' || substr(identity, 10) from notifications where substr(identity, 10)::int % 100 = 0`,
  `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, noted_at)
   select asset_id, version, 'manual', status, received_at, 'none', received_at
   from notifications cross join unnest(array['pending', 'approved']) as status
   where substr(identity, 10)::int % 40 = 0 and (status = 'pending' or substr(identity, 10)::int < ${count} - 60)
   on conflict do nothing`,
  `insert into search_texts (key, text, labels)
   select 'asset-' || a,
          E'\\nproducts/' || a || E'/main\\nasset-' || a || E'\\n' || (array['oak','walnut','beech','pine','linen','wool','brass','steel'])[a % 8 + 1] || ' '
            || (array['chair','table','vase','lamp','cushion','jug','bowl','stool','bench','rug'])[a % 10 + 1] || E'\\nimg_' || a || E'.jpg\\nmaterial='
            || md5(a::text) || E'\\n#spring\\n#garden\\n' || case when a > ${count} / 4 - 15 then E'archived needle\\n^archive\\n' else '' end || E'^demo\\n',
          array['#spring', '#garden']
   from generate_series(1, ${count} / 4) a`,
  "update search_progress set oldest = '-infinity', newest = now()",
];

function mapValues<V, W>(object: Record<string, V>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]));
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, ours, theirs, ratio } of await benchConsole())
    console.log(
      `${name}: ${ours.toFixed(2)} ms with ${many}, ${theirs.toFixed(2)} ms with ${few}, ${ratio.toFixed(2)} times (at most ${atMost})`,
    );
}
