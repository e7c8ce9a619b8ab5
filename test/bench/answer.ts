import { createHash } from "node:crypto";
import pg from "pg";
import notification from "../../netlify/functions/notification.ts";
import { settings } from "../../src/settings.ts";
import { hexId, uploadBody } from "../support/bodies.ts";
import { signedRequest } from "../support/signed-request.ts";
import { alternate, compare, type Figure, median, quantile } from "./figure.ts";
import { withHooks } from "./server.ts";

const inFlight = 32;
/** The 99th percentile needs some thousand in all. */
const oneByOne = 100;
const atOnce = inFlight * 3;

/** Answers one notification: `answered` is when the sender has its answer, `over` when nothing is left to do. */
interface Work {
  answered: Promise<void>;
  over: Promise<unknown>;
}

/**
 * The `notification` hook, called in process, against the same rows written by one bare statement over one connection, which is
 * what a hook has. Both on the same server and into the same tables.
 */
export async function benchAnswer(rounds = 40): Promise<Figure[]> {
  return await withHooks(async ({ url }, origin) => {
    // The hook's own client, with as many connections.
    const client = new pg.Pool({ connectionString: url, max: 1 });
    try {
      return await figures(rounds, {
        ours: () => hook(origin),
        theirs: () => statement(client),
        prepared: () => statement(client, "bare"),
      });
    } finally {
      await client.end();
    }
  });
}

/** `prepared`: the bare statement as a prepared one, which ours is. */
type Side = "ours" | "theirs" | "prepared";

async function figures(rounds: number, prepare: Record<Side, () => () => Work>): Promise<Figure[]> {
  const times: Record<Side, number[]> = { ours: [], theirs: [], prepared: [] };
  const medianOf = (side: Side) => async () => {
    const round = await oneAfterAnother(prepared(oneByOne, prepare[side]));
    times[side].push(...round);
    return median(round);
  };
  const rateOf = (side: Side) => () => sideBySide(prepared(atOnce, prepare[side]));

  const p50 = await alternate(
    rounds,
    { ours: medianOf("ours"), theirs: medianOf("theirs"), prepared: medianOf("prepared") },
    12,
  );
  const rate = await alternate(rounds, { ours: rateOf("ours"), theirs: rateOf("theirs") }, 2);
  const against = "one bare statement";
  const p99 = { ours: quantile(times.ours, 0.99), theirs: quantile(times.theirs, 0.99) };
  return [
    compare({ name: "answer p50", against, unit: "ms", ...p50, aim: { atMost: 1.15 } }),
    compare({
      name: "answer p50",
      against: "the same, prepared",
      unit: "ms",
      ours: p50.ours,
      theirs: p50.prepared,
      aim: null,
    }),
    {
      name: "answer p99",
      against,
      unit: "ms",
      ...p99,
      ratio: p99.ours / p99.theirs,
      spread: null,
      aim: { atMost: 1.3 },
    },
    compare({ name: `answers, ${inFlight} in flight`, against, unit: "1/s", ...rate, aim: { atLeast: 0.9 } }),
  ];
}

/** Requests and parameters are made before the clock starts. */
function prepared(count: number, prepare: () => () => Work): (() => Work)[] {
  return Array.from({ length: count }, prepare);
}

/** Milliseconds to each answer. As on Netlify, an instance takes the next request when `waitUntil` has ended. */
async function oneAfterAnother(works: readonly (() => Work)[]): Promise<number[]> {
  const times: number[] = [];
  for (const work of works) {
    const start = performance.now();
    const { answered, over } = work();
    await answered;
    times.push(performance.now() - start);
    await over;
  }
  return times;
}

/** Answers a second, with everything that is left for afterwards done within that time. */
async function sideBySide(works: readonly (() => Work)[]): Promise<number> {
  const queue = works.values();
  const start = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      for (const work of queue) {
        const { answered, over } = work();
        await answered;
        await over;
      }
    }),
  );
  return (works.length * 1_000) / (performance.now() - start);
}

function hook(origin: string): () => Work {
  const request = signedRequest(uploadBody(), { origin });
  return () => {
    const later: Promise<unknown>[] = [];
    const answered = notification(request, {
      deploy: { context: "production" },
      waitUntil: (work) => void later.push(work),
    }).then((response) => {
      if (response.status !== 200) throw new Error(`the hook answered ${response.status}`);
    });
    return { answered, over: answered.then(() => Promise.all(later)) };
  };
}

// What `record` leaves behind, without asking whether it stands there already.
const insert = `
with noted as (
  insert into notifications (identity, body_sha256, type, asset_id, public_id, version, request_id, source, signed_at,
                             body, headers, secret_name, algorithm)
  values ($1, $2, 'upload', $3, $4, $5, $6, 'webhook', $7, $8, $9, 'CLOUDINARY_URL', 'sha1')
  returning id
), planned as (
  insert into deliveries (notification_id, handler) select noted.id, handler from noted, unnest($10::text[]) as handler
)
select id from noted`;

function statement(client: pg.Pool, name?: string): () => Work {
  const body = uploadBody();
  const bytes = Buffer.from(JSON.stringify(body));
  const now = Math.floor(Date.now() / 1_000);
  const identity = createHash("sha256").update(bytes).update(hexId()).digest("hex");
  const headers = {
    "user-agent": "Cloudinary",
    "content-type": "application/json",
    "x-cld-timestamp": `${now}`,
  };
  const handlers = settings.routes.upload ?? [];
  const parameters = [
    identity,
    identity,
    body.asset_id,
    body.public_id,
    body.version,
    body.request_id,
    new Date(now * 1_000),
    bytes,
    JSON.stringify(headers),
    handlers,
  ];
  return () => {
    const answered = client.query({ name, text: insert, values: parameters }).then(() => {});
    return { answered, over: answered };
  };
}
