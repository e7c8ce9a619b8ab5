import { localCloudinary } from "../../src/local/cloudinary/local-cloudinary.ts";
import type { Asset } from "../../src/local/cloudinary/store/state.ts";
import { restrictedVideo } from "../handlers/moderation/bodies.ts";
import { testSecret } from "../support/signed-request.ts";

export const account = { cloudName: "demo", apiKey: "123456789012345", apiSecret: testSecret };
export const apiUrl = "http://127.0.0.1:1";

const ids = ["a".repeat(32), "b".repeat(32)];
const names = ["clips/otters", "clips/voles"];

/** What somebody who watches Cloudinary knows of an asset, apart from the receiver. */
interface Truth {
  status: "pending" | "approved" | "rejected" | "absent";
  version: number;
  /** When it was last changed by somebody else than the receiver. */
  changedAt: number;
  /** As Cloudinary's answers say, in whole seconds. */
  decidedAt: number;
}

export type Cloud = Awaited<ReturnType<typeof openCloud>>;

/** The local Cloudinary as the receiver meets it, and the truth about its assets. */
export async function openCloud(dataDir: string, now: () => number) {
  const cloudinary = await localCloudinary({
    ...account,
    dataDir,
    baseUrl: apiUrl,
    retryDelaysMs: [],
    rateLimit: 1_000_000,
    now,
  });
  const { store } = cloudinary.cloud;
  // Nothing is written to the disk, which would take a time that nobody decides.
  Object.assign(store, { save: async () => {} });
  const { assets } = store.state;
  const truths = new Map<string, Truth>();
  const wrong: string[] = [];

  const find = (index: number) => assets.find(({ asset_id }) => asset_id === ids[index]);
  const truthOf = (index: number): Truth =>
    truths.get(ids[index] ?? "") ?? { status: "absent", version: 0, changedAt: 0, decidedAt: 0 };
  const change = (index: number, changed: Partial<Truth>, now: number) =>
    truths.set(ids[index] ?? "", { ...truthOf(index), ...changed, changedAt: now });
  const iso = (now: number) => new Date(now).toISOString().replace(/\.\d+Z$/, "Z");

  return {
    fetch: async (request: Request) =>
      (await cloudinary.fetch(request)) ?? new Response(null, { status: 404 }),
    wrong,
    truthOf,
    find,
    assetIds: ids,
    reset(): void {
      assets.length = 0;
      truths.clear();
      wrong.length = 0;
    },
    /** A version of the asset, later than all before. Returns its notification. */
    upload(index: number, now: number): object {
      const version = Math.max(Math.floor(now / 1_000), truthOf(index).version + 1);
      const held = find(index);
      if (held) assets.splice(assets.indexOf(held), 1);
      const made = assetOf(
        { asset_id: ids[index] ?? "", public_id: names[index] ?? "", version, serial: store.nextSerial() },
        iso(now),
      );
      assets.push(made);
      change(index, { status: "pending", version }, now);
      const { asset_id, public_id, resource_type, type, format, created_at, tags, bytes } = made;
      return {
        notification_type: "upload",
        timestamp: iso(now),
        request_id: `upload-${index}-${version}`,
        ...{ asset_id, public_id, version, resource_type, type, format, created_at, tags, bytes },
        secure_url: `https://res.cloudinary.com/demo/video/upload/v${version}/${public_id}.mp4`,
        asset_folder: "clips",
        moderation: made.moderation,
      };
    },
    /** null: there is nothing to decide on. */
    decide(index: number, status: "approved" | "rejected", now: number): object | null {
      const held = find(index);
      if (held === undefined) return null;
      // Cloudinary's times are whole seconds: two decisions of the same second would have no order that anybody could know.
      const { changedAt, decidedAt: before } = truthOf(index);
      const decidedAt = Math.floor(Math.max(now, changedAt + 1_000, before + 1_000) / 1_000) * 1_000;
      const at = iso(decidedAt);
      held.moderation = [{ kind: "google_video_moderation", status, updated_at: at }];
      change(index, { status, decidedAt }, now);
      const { asset_id, public_id, version } = held;
      return {
        notification_type: "moderation",
        moderation_kind: "google_video_moderation",
        moderation_status: status,
        moderation_updated_at: at,
        ...{ asset_id, public_id, version },
        uploaded_at: held.uploaded_at,
        secure_url: `https://res.cloudinary.com/demo/video/upload/v${version}/${public_id}.mp4`,
      };
    },
    remove(index: number, now: number): object | null {
      const held = find(index);
      if (held === undefined) return null;
      assets.splice(assets.indexOf(held), 1);
      change(index, { status: "absent" }, now);
      const { asset_id, public_id, version, resource_type, type } = held;
      return {
        notification_type: "delete",
        resources: [{ asset_id, public_id, version, resource_type, type }],
        notification_context: {
          triggered_at: iso(now),
          triggered_by: { source: "ui", id: "ada@example.com" },
        },
      };
    },
    /**
     * Notes an effect that the receiver must not have. It may be up to a second behind what it has looked at, because Cloudinary
     * offers no call that depends on a version.
     */
    watch(call: { path: string; fields: URLSearchParams }, sentAt: number): void {
      const { path, fields } = call;
      const index = names.indexOf(fields.get("public_id") ?? "");
      if (index === -1) return;
      const truth = truthOf(index);
      const isOld = truth.changedAt < sentAt - 1_000;
      const opens = path.endsWith("/explicit") && fields.has("access_control");
      if (path.endsWith("/destroy") && truth.status !== "rejected" && truth.status !== "absent" && isOld)
        wrong.push(`deleted a version that is ${truth.status} since ${sentAt - truth.changedAt} ms`);
      if (opens && truth.status !== "approved" && truth.status !== "absent" && isOld)
        wrong.push(`published a version that is ${truth.status} since ${sentAt - truth.changedAt} ms`);
    },
    close: () => cloudinary.close(),
  };
}

function assetOf(named: Pick<Asset, "asset_id" | "public_id" | "version" | "serial">, at: string): Asset {
  return {
    ...restrictedVideo(),
    ...named,
    version_id: "c".repeat(32),
    etag: "d".repeat(32),
    created_at: at,
    uploaded_at: at,
    moderation: [{ kind: "google_video_moderation", status: "pending", updated_at: at }],
  };
}
