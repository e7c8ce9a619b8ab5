import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { settings } from "../../src/settings.ts";
import { chaosFunctions, currentBuild } from "../chaos/builds.ts";
import { type Bouncer, startBouncer } from "../chaos/database/bouncer.ts";
import { breakablePostgres } from "../chaos/database/postgres.ts";
import { journal } from "../chaos/journal.ts";
import { account, startWorld, type World } from "../chaos/outside/world.ts";
import { seeded } from "../chaos/seeded.ts";
import { endAllInstances } from "../chaos/site/instance.ts";
import { type Site, startSite } from "../chaos/site/site.ts";
import { createMigratedDatabase } from "../support/migrate.ts";
import { type Answers, countingConnections, send, senderTimeoutMs } from "./measure.ts";

type Way = "direct" | "pooled";

export interface Cell extends Answers {
  senders: number;
  instances: number;
  way: Way;
  /** The most at the database. */
  connections: number;
}

export interface Burst {
  answers: Answers;
  /** From the first notification to the last settled delivery; null if the time was up first. */
  drainedAfterSeconds: number | null;
  deliveries: Record<string, number>;
  mails: number;
  /** Notifications that the largest mail is about. */
  largestDigest: number;
  connections: number;
}

export interface LoadOptions {
  senders: readonly number[];
  instances: readonly number[];
  /** For each combination. */
  ms: number;
  /** Notifications of the burst; 0: none. */
  burst: number;
  /** The end of the whole run. */
  withinMs: number;
  say: (text: string) => void;
}

export interface LoadReport {
  cells: Cell[];
  /** Null without one, or without time for it. */
  burst: Burst | null;
}

/** What must end at once when the run is interrupted. */
const emergencies = new Set<() => void>([endAllInstances]);

export function endEverything(): void {
  for (const end of emergencies) end();
}

export async function runLoad(options: LoadOptions): Promise<LoadReport> {
  const startedAt = performance.now();
  const leftMs = () => options.withinMs - (performance.now() - startedAt);
  const { say } = options;
  say("building the functions");
  const build = await currentBuild(chaosFunctions);
  const server = await breakablePostgres(["max_connections=100"]);
  emergencies.add(server.end);
  const world = await startWorld({
    random: seeded(1, "world"),
    journal: journal(),
    onNotification: () => {},
    onKill: () => {},
  });
  let bouncer: Bouncer | null = null;
  try {
    const ownUrl = await createMigratedDatabase(server.url, "load");
    await grant(ownUrl);
    const port = Number(new URL(ownUrl).port);
    const role = { database: "load", user: "functions", password: account.databasePassword };
    bouncer = await startBouncer({ port, ...role, poolSize: 10, maxClients: 200 });
    if (bouncer) emergencies.add(bouncer.end);
    const ports: Partial<Record<Way, number>> = { direct: port, ...(bouncer && { pooled: bouncer.port }) };

    const siteOf = (way: Way, sizes: Record<string, number>) =>
      startSite({
        sizes,
        callsOfAProcess: Number.POSITIVE_INFINITY,
        // AWS Lambda would start more processes. Here their number is given, so requests wait for as long as senders do.
        maxWaitMs: 2 * senderTimeoutMs,
        random: seeded(1, "site"),
        journal: journal(),
        onLine: () => {},
        onCrash: say,
        launch: (name, origin) => ({
          folder: build.get(name) ?? "",
          traits: way,
          env: environment(name, { origin, world, port: ports[way] ?? port }),
        }),
      });

    const cells: Cell[] = [];
    for (const way of ["direct", "pooled"] as const)
      for (const instances of options.instances) {
        if (ports[way] === undefined) continue;
        const site = await siteOf(way, { notification: instances });
        try {
          site.setFaults({ nudgeLost: 1 }); // Nothing is delivered meanwhile.
          await site.warm();
          for (const senders of options.senders) {
            say(`${senders} senders, ${instances} instances, ${way}`);
            const until = { ms: options.ms, notifications: Number.POSITIVE_INFINITY };
            const [answers, connections] = await countingConnections(ownUrl, () =>
              send(`${site.origin}/webhooks`, senders, until),
            );
            cells.push({ senders, instances, way, ...answers, connections });
          }
        } finally {
          await site.close();
        }
      }

    await empty(ownUrl);
    if (options.burst === 0 || leftMs() < 30_000) return { cells, burst: null };
    const site = await siteOf("direct", { notification: 4, "deliver-background": 4, sweep: 1 });
    try {
      say(`a burst of ${options.burst}`);
      await site.warm();
      return { cells, burst: await burstOf({ site, world, ownUrl, count: options.burst, leftMs }) };
    } finally {
      await site.close();
    }
  } finally {
    await world.close();
    await bouncer?.remove();
    await server.remove();
    emergencies.delete(server.end);
  }
}

async function burstOf(about: {
  site: Site;
  world: World;
  ownUrl: string;
  count: number;
  leftMs: () => number;
}): Promise<Burst> {
  const { site, world, ownUrl, count, leftMs } = about;
  const startedAt = performance.now();
  const [[answers, drainedAfterSeconds], connections] = await countingConnections(ownUrl, async () => {
    const sent = await send(`${site.origin}/webhooks`, 64, { ms: leftMs(), notifications: count });
    return [sent, await drained(ownUrl, site, leftMs, startedAt)] as const;
  });
  const mails = world.mailbox.list();
  return {
    answers,
    drainedAfterSeconds,
    deliveries: await states(ownUrl),
    mails: mails.length,
    largestDigest: Math.max(
      0,
      ...mails.map(({ subject }) => Number(/^(\d[\d,]*) /.exec(subject)?.[1]?.replace(",", "") ?? 1)),
    ),
    connections,
  };
}

/** Seconds; null if the time is up first. The sweep runs now and then, as it does on Netlify. */
async function drained(
  url: string,
  site: Site,
  leftMs: () => number,
  startedAt: number,
): Promise<number | null> {
  let sweptAt = performance.now();
  while (leftMs() > 5_000) {
    const counts = await states(url);
    if ((counts.due ?? 0) + (counts.running ?? 0) === 0)
      return Math.round((performance.now() - startedAt) / 1_000);
    if (performance.now() - sweptAt > 20_000) {
      sweptAt = performance.now();
      void site.schedule("sweep");
    }
    await sleep(500);
  }
  return null;
}

async function states(url: string): Promise<Record<string, number>> {
  const client = new pg.Client(url);
  await client.connect();
  const { rows } = await client.query<{ state: string; count: number }>(
    "select state, count(*)::int as count from deliveries group by state order by state",
  );
  await client.end();
  return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
}

async function grant(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(`
    create role functions login password '${account.databasePassword}';
    grant usage on schema public to functions;
    grant all on all tables in schema public to functions;
    grant all on all sequences in schema public to functions;`);
  await client.end();
}

async function empty(url: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query("truncate notifications cascade");
  await client.end();
}

function environment(
  name: string,
  { origin, world, port }: { origin: string; world: World; port: number },
): Record<string, string> {
  return {
    CHAOS_SETTINGS: JSON.stringify({
      ...settings,
      email: { ...settings.email, maxPerDay: 100_000 },
      databaseSleeps: false,
    }),
    DATABASE_URL: `postgresql://functions:${account.databasePassword}@127.0.0.1:${port}/load`,
    CLOUDINARY_URL: `cloudinary://${account.apiKey}:${account.apiSecret}@${account.cloud}?upload_prefix=${encodeURIComponent(world.url)}`,
    CLOUDINARY_WEBHOOK_SECRETS: `main:${account.hookSecret}#${account.cloud}`,
    SENDGRID_API_KEY: account.sendgridKey,
    SENDGRID_BASE_URL: world.url,
    FROM_VERIFIED_SENDER: account.from,
    TO_RECIPIENTS: account.to[0] ?? "",
    ...(name !== "notification" && { URL: origin }),
  };
}
