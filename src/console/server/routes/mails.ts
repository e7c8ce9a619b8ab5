import { Hono } from "hono";
import * as z from "zod";
import type { Config } from "../../../config.types.ts";
import { type Composed, compose } from "../../../handlers/email/compose/compose.ts";
import { eventsOf } from "../../../handlers/email/events/record-events.ts";
import { readKnown } from "../../../handlers/email/known.ts";
import { addressing } from "../../../handlers/email/recipients.ts";
import { messageClouds } from "../../../lib/cloudinary/accounts.ts";
import type { Db } from "../../../lib/database/pool.ts";
import { sql } from "../../../lib/database/sql.ts";
import { parse } from "../../../lib/notifications/parse.ts";
import { ceiling } from "../../../lib/shared/ceiling.ts";
import { settings } from "../../../settings.ts";
import { outcomeOf } from "../../shared/outcome.ts";
import { stop } from "../api-error.ts";
import { idParam, type Joined, valid } from "../context.ts";
import { imageSources } from "../image-sources.ts";
import { describe, describedColumns, type Source } from "../queries/describe.ts";
import { cursor, type DeliveryState } from "../queries/filters.ts";
import { mailConditions, mailFilters } from "../queries/mail-filters.ts";

const query = z.object({
  ...mailFilters,
  before: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

/** Mail previews run no scripts and load only pictures, regardless of their content. */
const mailPolicy = (config: Config): string =>
  `sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src ${imageSources(config).join(" ")}; frame-ancestors 'self'`;

/** The e-mails: their state, and their text, which is rendered from the record because it is not stored. */
export const mails = new Hono<Joined>()
  .get("/mails", valid("query", query), async (c) => c.json(await listMails(c.env.db, c.req.valid("query"))))
  .get("/mails/:id", valid("param", idParam), async (c) => {
    const found = (await find(c.env.db, c.req.valid("param").id)) ?? noSuch();
    const { body: _, ...mail } = found;
    const composed = await again(found, c.env);
    const events = await eventsOf(c.env.db, [mail.id, ...leaderOf(mail.result)]);
    return c.json({ ...mail, subject: composed?.subject ?? null, text: composed?.text ?? null, events });
  })
  .get("/mails/:id/html", valid("param", idParam), async (c) => {
    const found = await find(c.env.db, c.req.valid("param").id);
    const composed = found && (await again(found, c.env));
    return c.body((composed ?? noSuch()).html, 200, {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": mailPolicy(c.env.config),
      "referrer-policy": "no-referrer",
    });
  });

/** Of a mail that was sent in the digest of another delivery. */
function leaderOf(result: unknown): string[] {
  const read = z.object({ sentBy: z.uuid() }).safeParse(result);
  return read.success ? [read.data.sentBy] : [];
}

const noSuch = () => stop(404, "no-such-mail");

interface Mail {
  id: string;
  notificationId: string;
  type: string;
  publicId: string | null;
  state: DeliveryState;
  error: string | null;
  /** Recipients masked. */
  result: unknown;
  createdAt: Date;
  sendingAt: Date | null;
  settledAt: Date | null;
  receivedAt: Date;
  signedAt: Date | null;
  source: string;
  cloud: string | null;
  byPublicHook: boolean;
}

const columns = `d.id, n.id as "notificationId", n.type, n.public_id as "publicId", d.state, d.last_error as error, d.result,
  d.created_at as "createdAt", d.sending_at as "sendingAt", d.settled_at as "settledAt",
  n.received_at as "receivedAt", n.signed_at as "signedAt", n.source, n.cloud, n.by_public_hook as "byPublicHook"`;

export async function listMails(db: Db, { before, limit, ...filters }: z.output<typeof query>) {
  const conditions = await mailConditions(db, filters);
  // Conditions on the delivery alone are met in an index, which the planner does not choose for a rare state beside the join.
  const isOfDelivery = (filters.q ?? "") === "" && filters.type === undefined;
  const { text, params } = sql((param) => {
    const [at = "", id = ""] = before?.split("_") ?? [];
    const after =
      before === undefined ? [] : [`(d.created_at, d.id) < (${param(at)}::timestamptz, ${param(id)}::uuid)`];
    const page = `where ${["d.handler = 'email'", ...after, ...conditions(param)].join(" and ")}
      order by d.created_at desc, d.id desc limit ${param(limit + 1)}::int`;
    return `select ${columns}, d.attempts, d.due_at as "dueAt", ${describedColumns}, to_char(d.created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') || '_' || d.id as cursor
     from deliveries d join notifications n on n.id = d.notification_id
     ${isOfDelivery ? `where d.id = any (array(select d.id from deliveries d ${page})) order by d.created_at desc, d.id desc` : page}`;
  });
  const { rows } = await db.query<Mail & Source & { attempts: number; dueAt: string; cursor: string }>(
    text,
    params,
  );
  const shown = rows.slice(0, limit);
  const described = await describe(db, shown);
  const mails = shown.map(({ body: _, ...mail }, index) => ({
    ...mail,
    ...described(index),
    outcome: outcomeOf([{ ...mail, handler: "email", lastError: mail.error }]),
  }));
  return { mails, next: rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null };
}

type MailWithBody = Mail & { body: Uint8Array; assetPrefix: string };

async function find(db: Db, id: string): Promise<MailWithBody | null> {
  const { rows } = await db.query<MailWithBody>(
    `select ${columns}, n.body, n.asset_prefix as "assetPrefix" from deliveries d join notifications n on n.id = d.notification_id
     where d.id = $1::uuid and d.handler = 'email'`,
    [id],
  );
  return rows[0] ?? null;
}

/** null if there is nothing to report, or the body is unreadable. */
async function again(
  mail: MailWithBody,
  { config, db }: Pick<Joined["Bindings"], "config" | "db">,
): Promise<Composed | null> {
  const { mail: account, siteUrl } = config;
  const parsed = parse(mail.body, ceiling(mail.signedAt ?? mail.receivedAt, settings), mail.assetPrefix);
  if (!parsed.ok) return null;
  const { notification: content } = parsed;
  const { notificationId: id, receivedAt, signedAt, source, cloud, byPublicHook } = mail;
  return compose(
    { id, receivedAt, signedAt, source, cloud, byPublicHook, content },
    {
      siteUrl,
      cloudOf: messageClouds(config, settings.moderation.ownHosts),
      settings,
      known: await readKnown(db, content, settings),
      subject: (account && addressing(content, account, settings.email)?.subject) ?? null,
    },
  );
}
