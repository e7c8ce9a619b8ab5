import { defineHandler } from "../../../src/lib/deliveries/define-handler.ts";

// Notifications arrive in any order, so a row changes only for the same version or a newer one.
const keep = `
insert into press_pictures (asset_id, version, public_id, url, is_deleted) values ($1, $2, $3, $4, $5)
on conflict (asset_id) do update set
  version = excluded.version, public_id = excluded.public_id, url = excluded.url, is_deleted = excluded.is_deleted
where excluded.version > press_pictures.version
   or (excluded.version = press_pictures.version and excluded.is_deleted)`;

/** Keeps the table `press_pictures`: the newest version of each picture. */
export const keepTableHandler = defineHandler({
  name: "keep-table",
  async handle({ content }, { db }) {
    if (content.type !== "upload" && content.type !== "delete")
      return { kind: "skip", reason: "not-about-pictures" };
    for (const { asset_id, version, public_id, secure_url } of content.assets) {
      if (asset_id === undefined || version === undefined) continue;
      const isDeleted = content.type === "delete";
      await db.query(keep, [asset_id, version, public_id ?? null, secure_url ?? null, isDeleted]);
    }
    return { kind: "done", result: { assets: content.assets.length } };
  },
});
