import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import notification from "../../../netlify/functions/notification.ts";
import sweep from "../../../netlify/functions/sweep.ts";
import { uploadBody } from "../../support/bodies.ts";
import { realDatabase, type TestDatabase } from "../../support/databases.ts";
import { arrive } from "../../support/deliveries.ts";
import { configured } from "../../support/environment.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { type Site, site } from "../../support/site.ts";
import { ask } from "../operator.ts";
import { operatorToken, vicToken } from "../tokens.ts";

let database: TestDatabase;
let here: Site;

beforeAll(async () => {
  [here, database] = await Promise.all([site(), realDatabase()]);
});
afterAll(() => Promise.all([here.close(), database.drop()]));
beforeEach(() => configured(database.url, { OPERATOR_TOKEN: `${operatorToken} vic:viewer:${vicToken}` }));
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

// The grammar of the text format, as https://prometheus.io/docs/instrumenting/exposition_formats/ publishes it.
const name = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\\\\\|\\\\"|\\\\n)*"`;
const value = "(?:[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?|[-+]?Inf|NaN)";
const sampleLine = new RegExp(`^(${name})(?:\\{(${label}(?:,${label})*,?)?\\})? (${value})(?: -?\\d+)?$`);
const helpLine = new RegExp(`^# HELP (${name}) .+$`);
const typeLine = new RegExp(`^# TYPE (${name}) (counter|gauge|histogram|summary|untyped)$`);

interface Scraped {
  types: Map<string, string>;
  /** By the line without its value. */
  values: Map<string, number>;
  text: string;
}

/** Reads the text as a scraper does, and fails for what a scraper rejects. */
async function scrape(): Promise<Scraped> {
  const response = await ask("/api/metrics", { token: vicToken });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text.endsWith("\n")).toBe(true);
  const types = new Map<string, string>();
  const values = new Map<string, number>();
  let family = "";
  for (const line of text.slice(0, -1).split("\n")) {
    const [, helped] = helpLine.exec(line) ?? [];
    const [, typed, type = ""] = typeLine.exec(line) ?? [];
    if (helped !== undefined) expect(types.has(helped)).toBe(false); // A family is one group of lines.
    if (typed !== undefined) {
      family = typed;
      types.set(family, type);
    }
    if (helped !== undefined || typed !== undefined) continue;
    const [, of = "", , read = ""] = sampleLine.exec(line) ?? [];
    expect(of, `not a sample: ${line}`).not.toBe("");
    const suffix = types.get(family) === "histogram" ? "(_bucket|_sum|_count)" : "";
    expect(of).toMatch(new RegExp(`^${family}${suffix}$`));
    const key = line.slice(0, line.lastIndexOf(" "));
    expect(values.has(key)).toBe(false);
    values.set(key, Number(read));
  }
  return { types, values, text };
}

const swept = () =>
  invoke(
    sweep,
    new Request(new URL("/.netlify/functions/sweep", here.origin), { method: "POST", body: "{}" }),
  );
/** As if everything had happened earlier, so that the sweep adds it up. */
const timePasses = () =>
  database.db.query(
    `with n as (update notifications set received_at = received_at - interval '10 minutes'),
          a as (update attempts set started_at = started_at - interval '10 minutes', ended_at = ended_at - interval '10 minutes'),
          r as (update refusals set hour = hour - interval '3 hours')
     update metric_marks set upto = upto - interval '10 minutes' - case when name = 'refused' then interval '4 hours' else interval '0' end`,
  );

const prefix = "cloudinary_webhooks_";

describe("/api/metrics", () => {
  it("is closed without a token", async () => {
    expect((await ask("/api/metrics", { token: null })).status).toBe(401);
  });

  it("counts what came, what was rejected and what was tried, before and after the sweep adds it up", async () => {
    for (let i = 0; i < 3; i += 1) await arrive(uploadBody(), here.origin);
    await arrive({ ...uploadBody(), notification_type: 'mine"\\\n{}' }, here.origin);
    await invoke(
      notification,
      signedRequest(uploadBody(), { origin: here.origin, secret: "a-wrong-secret-of-26-chars" }),
    );
    await swept(); // Delivers.
    const before = await scrape();
    const expected = {
      [`${prefix}received_total{type="upload",source="webhook"}`]: 3,
      [`${prefix}received_total{type="other",source="webhook"}`]: 1,
      [`${prefix}refused_total{reason="signature-mismatch"}`]: 1,
      [`${prefix}attempts_total{handler="pim",outcome="done"}`]: 3,
      [`${prefix}attempts_total{handler="moderation",outcome="skipped"}`]: 3,
      [`${prefix}attempt_duration_seconds_count{handler="pim"}`]: 3,
      [`${prefix}attempt_duration_seconds_bucket{handler="pim",le="+Inf"}`]: 3,
      [`${prefix}oldest_due_seconds`]: 0,
    };
    // The order of labels has no meaning.
    const sorted = (key: string) =>
      key.replace(/\{(.*)\}/, (_, all: string) => `{${all.split(",").sort().join(",")}}`);
    const of = ({ values }: Scraped) => new Map([...values].map(([key, n]) => [sorted(key), n]));
    for (const [key, n] of Object.entries(expected))
      expect([key, of(before).get(sorted(key))]).toEqual([key, n]);
    expect(before.types.get(`${prefix}attempt_duration_seconds`)).toBe("histogram");
    expect(before.text).not.toContain("mine");
    expect(before.text).not.toContain("watering-can");

    // Added up by the sweep, by two at once, and kept when the notifications are deleted.
    await timePasses();
    await Promise.all([swept(), swept()]);
    const { rows } = await database.db.query<{ n: number }>("select count(*)::int as n from metric_totals");
    expect(rows[0]?.n).toBeGreaterThan(5);
    await database.db.query("delete from notifications");
    const after = await scrape();
    for (const [key, n] of Object.entries(expected))
      expect([key, of(after).get(sorted(key))]).toEqual([key, n]);
    await swept();
    expect(of(await scrape()).get(sorted(`${prefix}received_total{type="upload",source="webhook"}`))).toBe(3);
  });

  it("shows open deliveries by handler and state, and how long the oldest has been due", async () => {
    await arrive(uploadBody(), here.origin);
    await database.db.query(
      "update deliveries set due_at = now() - interval '90 seconds' where handler = 'pim' and state = 'due'",
    );
    await database.db.query(
      "update deliveries set state = 'dead', settled_at = now() where handler = 'moderation' and state = 'due'",
    );
    await database.db.query("insert into paused_handlers (handler, paused_by) values ('email', 'ada')");
    const { values } = await scrape();
    expect(values.get(`${prefix}deliveries{handler="pim",state="due"}`)).toBe(1);
    expect(values.get(`${prefix}deliveries{handler="moderation",state="dead"}`)).toBe(1);
    expect(values.get(`${prefix}paused_handlers{handler="email"}`)).toBe(1);
    expect(values.get(`${prefix}oldest_due_seconds`)).toBeGreaterThanOrEqual(90);
  });

  it("costs the same however large the tables are: a scrape reads no history", async () => {
    await database.db.query(
      `with n as (insert into notifications (identity, body_sha256, type, body, received_at)
         select gen_random_uuid()::text, '', 'upload', '{}', now() - interval '20 days' from generate_series(1, 3000) returning id),
       d as (insert into deliveries (notification_id, handler, state, settled_at) select id, 'pim', 'done', now() from n returning id),
       first as (select id from d limit 1)
       insert into attempts (delivery_id, number, started_at, ended_at, outcome)
       select id, n, now() - interval '20 days', now() - interval '20 days', 'done' from first, generate_series(1, 40000) n`,
    );
    for (const table of ["notifications", "deliveries", "attempts"])
      await database.db.query(`vacuum analyze ${table}`);
    const rowsRead = async () => {
      const { rows } = await database.db.query<{ n: number }>(
        `select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::float8 as n from pg_stat_user_tables
         where relname in ('notifications', 'deliveries', 'attempts')`,
      );
      return rows[0]?.n ?? 0;
    };
    // Each of the pool's sessions reports what it read, at most once a second.
    const flush = async () => {
      await Promise.all(
        Array.from({ length: 4 }, () =>
          database.db.query("select pg_stat_force_next_flush(), pg_sleep(0.05)"),
        ),
      );
      await database.db.query("select pg_stat_clear_snapshot()");
    };
    await flush();
    const before = await rowsRead();
    await scrape();
    await scrape();
    await flush();
    await expect.poll(async () => (await rowsRead()) - before).toBeLessThan(5_000);
  });
});
