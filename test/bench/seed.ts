import { type Db, database } from "../../src/lib/database/pool.ts";

export interface Seeded {
  /** A migrated database without notifications. */
  url: string;
  /** Notifications. */
  count: number;
}

/**
 * A minute apart, four for each asset; one in ten an eager, the last three hundred the rare ones. Indexes are made afterwards, which
 * takes a fraction of the time.
 */
export async function seed({ url, count }: Seeded): Promise<void> {
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
  `insert into moderation_decision (asset_id, version, kind, status, decided_at, action, noted_at, answered)
   select asset_id, version, 'manual', status, received_at, 'none', received_at, status = 'pending' and substr(identity, 10)::int < ${count} - 60
   from notifications cross join unnest(array['pending', 'approved']) as status
   where (substr(identity, 10)::int % 10 = 0 or substr(identity, 10)::int > ${count} - 60) and (status = 'pending' or substr(identity, 10)::int < ${count} - 60)
   on conflict do nothing`,
  `insert into search_texts (key, text, labels)
   select 'asset-' || a,
          E'\\nproducts/' || a || E'/main\\nasset-' || a || E'\\n' || (array['oak','walnut','beech','pine','linen','wool','brass','steel'])[a % 8 + 1] || ' '
            || (array['chair','table','vase','lamp','cushion','jug','bowl','stool','bench','rug'])[a % 10 + 1] || E'\\nimg_' || a || E'.jpg\\nmaterial='
            || md5(a::text) || E'\\n#spring\\n#garden\\n' || case when a > ${count} / 4 - 15 then E'archived needle\\n^archive\\n' else '' end || E'^demo\\n',
          array['#spring', '#garden']
   from generate_series(1, ${count} / 4) a`,
  "update search_progress set oldest = '-infinity', newest = now()",
  // What operators did; the oldest is the only one of its kind.
  `insert into operator_acts (at, who, act, notification_id, handler, reason, detail)
   select received_at, (array['ada', 'grace', 'linus'])[n % 3 + 1],
          case when n > ${count} - 20 then 'erase' else (array['replay', 'discard', 'approve', 'reject'])[n % 4 + 1] end,
          id, 'pim', 'reason ' || n, jsonb_build_object('assetId', asset_id, 'version', version, 'status', 'approved')
   from (select *, substr(identity, 10)::int as n from notifications) n order by received_at`,
  `insert into mail_events (event_id, delivery_id, recipient_key, recipient, event, at, received_at)
   select id::text, id, 'key', 'a…@example.com', 'delivered', created_at, created_at from deliveries where handler = 'email'`,
  // Hours and kinds are bounded whatever the history is.
  `insert into refusals (reason, hour, count, samples)
   select reason, date_trunc('hour', now()) - h * interval '1 hour', 3, '[{"at":"2026-11-01T00:00:00Z","path":"/webhooks","userAgent":"curl","signatureLength":40,"timestamp":"1"}]'
   from unnest(array['signature', 'too-old', 'no-signature']) reason, generate_series(0, 719) h`,
  `insert into drift_findings (kind, type, path, sample, last_notification_id)
   select 'field', 'upload', 'field_' || i, 'text', gen_random_uuid() from generate_series(1, 200) i`,
  `insert into face_people (name, user_id) select 'Person ' || i, gen_random_uuid() from generate_series(1, 500) i`,
  `insert into face_trainings (asset_id, public_id, resource_type, delivery_type, version, person_id, state)
   select 'training-' || name, 'training/' || name, 'image', 'upload', 1, id, 'indexed' from face_people`,
  // The oldest show somebody who is not known.
  `insert into face_pictures (asset_id, public_id, resource_type, delivery_type, version, state, faces, looked_at)
   select 'asset-' || a, 'products/' || a || '/main', 'image', 'upload', 1, 'done',
          jsonb_build_array(jsonb_build_object('outcome', case when a > ${count} / 4 - 60 then 'unknown' else 'recognised' end, 'person', p.id, 'similarity', 99)),
          now() - a * interval '4 minutes'
   from generate_series(1, ${count} / 4) a join (select id, row_number() over (order by name) as i from face_people) p on p.i = a % 500 + 1`,
  `insert into face_tags (asset_id, person_id, tag, added_at)
   select asset_id, (faces->0->>'person')::uuid, 'person', looked_at from face_pictures where faces->0->>'outcome' = 'recognised'`,
];
