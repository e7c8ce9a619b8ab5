import notification from "../../../netlify/functions/notification.ts";
import type { Db } from "../../../src/lib/database/pool.ts";
import { notificationTypes } from "../../../src/lib/notifications/types.ts";
import { hexId } from "../../support/bodies.ts";
import { invoke } from "../../support/invoke.ts";
import { signedRequest } from "../../support/signed-request.ts";
import { addToSearch, deliverAll, hold, kill, type sender } from "./scene.ts";

const products = [
  ["CHAIR-100", "Oak chair", "oak-chair-g1.png", ["chairs", "oak", "summer"], "teak"],
  ["LAMP-7", "Brass lamp", "brass-lamp.png", ["lamps"], "brass"],
  ["VASE-1", "Stoneware vase, front", "jug.png", ["vases", "summer"], "stoneware"],
  ["TABLE-9", "Walnut table, side", "table-nine.png", ["tables", "gallery"], "walnut"],
  ["CUSH-22", "Linen cushion, 50 cm", "cushion.png", ["outlet"], "linen"],
  ["KOI-3", "كرسي الحديقة", "koi.png", ["garden"], "rattan"],
  ["MUG-5", "Enamel mug, blue", "mug.png", ["mugs"], "enamel"],
  ["PLANT-8", "Terracotta planter", "planter.png", ["garden", "summer"], "terracotta"],
] as const;

/**
 * What a shop's receiver looks like on a busy afternoon: products with names, tags and files, all types that Cloudinary sends and some that
 * nobody knows, a burst, failures of three causes, e-mails of which nobody knows whether they went out, decisions that wait, and retries.
 */
export async function busyAfternoon(
  db: Db,
  scene: ReturnType<typeof sender>,
): Promise<{ failed: string; story: string }> {
  const { send, upload, eager, named } = scene;
  const main = (sku: string) => `products/${sku}/main`;
  const ids: string[] = [];
  const note = async (body: object) => {
    const id = await send(body);
    ids.push(id);
    return id;
  };
  // Types beyond Cloudinary's list are recorded too.
  const unheard = Array.from({ length: 29 }, (_, index) => `made_up_type_${index + 1}`);
  for (const type of [...notificationTypes, ...unheard])
    if (!["all", "upload", "eager", "moderation", "delete"].includes(type))
      await note({ notification_type: type, timestamp: new Date().toISOString(), request_id: hexId() });
  for (const [sku, name, file, tags, material] of products)
    await note(
      upload(main(sku), {
        display_name: name,
        original_filename: file.replace(/\.png$/, ""),
        tags,
        metadata: { material },
        context: { custom: { alt: name } },
        asset_folder: `products/${sku}`,
      }),
    );
  await deliverAll(db);
  await note(
    upload("products/CHAIR-100/gallery-1", {
      display_name: "Oak chair, gallery 1",
      tags: ["chairs", "gallery"],
    }),
  );
  await note(upload("studio/blue-jug", { display_name: "Blue jug, studio" }));
  await note(
    named("rename", "products/TABLE-9/gallery-2", {
      from_public_id: "table-nine",
      to_public_id: "products/TABLE-9/gallery-2",
    }),
  );
  await note({
    notification_type: "delete",
    timestamp: new Date().toISOString(),
    request_id: hexId(),
    resources: Array.from({ length: 12 }, (_, n) => ({
      asset_id: `${n}`.padStart(32, "a"),
      public_id: `products/autumn/${n}`,
      version: 1_760_000_001,
      resource_type: "image",
      type: "upload",
    })),
  });
  await deliverAll(db);
  for (let n = 0; n < 40; n += 1) await note(upload(`burst/photo-${n}`));
  await deliverAll(db);
  const failed = await note(eager(main("CHAIR-100"), "c_fill,h_400,w_400"));
  for (const sku of ["LAMP-7", "TABLE-9", "MUG-5", "PLANT-8", "CUSH-22", "VASE-1"])
    await note(eager(main(sku), "c_fill,h_400,w_400"));
  await kill(db, ["email"], "SendGrid 401: The provided authorization grant is invalid, expired, or revoked");
  await deliverAll(db);
  await note(eager("studio/blue-jug", "c_thumb,w_120"));
  await note(eager("products/KOI-3/main", "c_thumb,w_120"));
  await hold(db, ["email"], "outcome-unknown");
  await deliverAll(db);
  await note(
    upload("guests/rejected-vase", {
      moderation: [{ kind: "manual", status: "rejected", updated_at: new Date().toISOString() }],
    }),
  );
  await hold(db, ["moderation"], "awaits-person");
  await deliverAll(db);
  await note(upload("products/WRONG/main", { public_id: "products/WRONG/main" }));
  await kill(db, ["pim"], 'PIM answered 422: attribute "image" does not exist');
  await deliverAll(db);
  for (let n = 0; n < 6; n += 1)
    await note({
      ...scene.pending(`guests/img_20${41 + n}`),
      display_name: `IMG_20${41 + n}.jpg`,
      ...(n % 2 === 0 && { access_control: [{ access_type: "token" }] }),
    });
  await deliverAll(db);
  const story = await note(eager(main("VASE-1"), "c_fill,w_300"));
  await deliverAll(db);
  const waiting = await note(eager("products/TABLE-9/main", "c_scale,w_900"));
  await deliverAll(db);
  await db.query(
    `update deliveries set state = 'due', attempts = 3, due_at = now() + interval '4 minutes', settled_at = null, last_error = 'PIM answered 503'
     where notification_id = $1 and handler = 'pim'`,
    [waiting],
  );
  for (let n = 0; n < 3; n += 1)
    await invoke(
      notification,
      signedRequest(upload("forged"), { origin: "https://x.example", secret: "not-the-secret" }),
    );
  // As a worker does, before their times change.
  await addToSearch(db);
  await spread(db, ids);
  return { failed, story };
}

/** As if they had come over the last day: the first ones long ago, the last ones just now. */
async function spread(db: Db, ids: readonly string[]): Promise<void> {
  await db.query(
    `with at as (
       select id, n, now() - interval '1 minute' * (1200 * power(1 - n::float8 / $2::float8, 2)) as came
       from unnest($1::uuid[]) with ordinality as t (id, n)
     ), moved as (
       update notifications set received_at = at.came, signed_at = at.came - interval '4 seconds', last_seen_at = at.came
       from at where notifications.id = at.id returning notifications.id, at.came
     ), settled as (
       update deliveries d set created_at = m.came, settled_at = case when d.settled_at is null then null else m.came + interval '5 seconds' end
       from moved m where d.notification_id = m.id returning d.id, m.came
     )
     update attempts a set started_at = s.came + interval '1 second', ended_at = case when a.ended_at is null then null else s.came + interval '4 seconds' end
     from settled s where a.delivery_id = s.id`,
    [ids, ids.length],
  );
}
