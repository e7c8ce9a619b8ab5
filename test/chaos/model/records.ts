import pg from "pg";

/** The tables as the run left them, read with SQL of the model's own. */
export interface Records {
  notifications: {
    id: string;
    sha256: string;
    type: string;
    source: string;
    token: string | null;
    publicId: string | null;
    receivedAt: Date;
  }[];
  deliveries: {
    id: string;
    notificationId: string;
    handler: string;
    subject: string | null;
    planned: boolean;
    state: string;
    attempts: number;
    error: string | null;
    waits: number;
    dueAt: Date;
    createdAt: Date;
    settledAt: Date | null;
    /** The delivery whose digest contained it. */
    sentBy: string | null;
  }[];
  attempts: {
    deliveryId: string;
    number: number;
    startedAt: Date;
    endedAt: Date | null;
    outcome: string | null;
    error: string | null;
    /** What went wrong with its last request. */
    failure: string | null;
  }[];
  pictures: { sku: string; rendition: string; assetId: string; url: string; version: number }[];
  /** Every row of every table that holds texts of the receiver's own, as text. */
  texts: { table: string; text: string }[];
}

const ownTexts = ["deliveries", "attempts", "refusals", "moderation_decision", "notifications"];

export async function readRecords(url: string): Promise<Records> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const rows = async <T>(sql: string): Promise<T[]> => (await client.query(sql)).rows;
    const texts = [];
    for (const table of ownTexts) {
      // A body is Cloudinary's text, and is shown to operators only.
      const columns = table === "notifications" ? "headers" : "t";
      for (const { text } of await rows<{ text: string }>(
        `select distinct ${columns}::text as text from ${table} t`,
      ))
        texts.push({ table, text });
    }
    return {
      texts,
      notifications: await rows(`
        select id, encode(sha256(body), 'hex') as sha256, type, source, public_id as "publicId", received_at as "receivedAt",
               substring(convert_from(decode(replace(encode(substring(body for 4000), 'hex'), '00', ''), 'hex'), 'LATIN1') from 'n[0-9a-f]{14}') as token
        from notifications`),
      deliveries: await rows(`
        select id, notification_id as "notificationId", handler, subject, planned_by is not null as planned, state, attempts, last_error as error,
               waits, due_at as "dueAt", created_at as "createdAt", settled_at as "settledAt",
               result ->> 'sentBy' as "sentBy"
        from deliveries`),
      attempts: await rows(`
        select delivery_id as "deliveryId", number, started_at as "startedAt", ended_at as "endedAt", outcome, error,
               coalesce(exchange ->> 'error', exchange ->> 'status') as failure
        from attempts order by delivery_id, number`),
      pictures: await rows(`
        select sku, rendition, asset_id as "assetId", secure_url as url, version::float8 as version from pim_product_image`),
    };
  } finally {
    await client.end();
  }
}
