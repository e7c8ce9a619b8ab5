import { productPicture } from "../../samples.ts";
import { check, checkThat, until } from "../check.ts";
import { dataUri, statusOf } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow } from "../flow.ts";
import { mailed } from "../mailed.ts";

export const backgroundRemoval: Flow = {
  id: "F10",
  title: "Background removal, reviewed",
  async play(stage) {
    const { cloud, receiver, signal } = stage;
    const publicId = stage.name("vase");
    const asset = await cloud.uploader.upload(dataUri(await productPicture()), {
      public_id: publicId,
      type: "authenticated",
      background_removal: "cloudinary_ai",
      notification_url: `${stage.url}/webhooks`,
    });
    stage.sent("authenticated upload with background_removal");
    const wanted = { assetId: asset.asset_id, version: asset.version };

    const info = await stage.arrival({ type: "info", publicId });
    delivered(info, "moderation", "done");
    await mailed(stage, info, "picture");
    stage.done("awaits a review");
    const unsigned = asset.secure_url.replace(/\/s--[^/]+--/, "");
    check("the picture, unsigned", { expected: 401, seen: await statusOf(unsigned) });

    await until("pending at Cloudinary", {
      read: async () =>
        (await cloud.api.resources_by_moderation("manual", "pending", { max_results: 500 })).resources,
      holds: (pending) => pending.some(({ public_id }) => public_id === publicId),
      expected: publicId,
      signal,
    });
    await receiver.decide({ ...wanted, status: "approved" });
    const decided = await stage.arrival({ type: "moderation", publicId });
    delivered(decided, "moderation", "done");
    const renamed = await cloud.api.resource_by_asset_id(wanted.assetId);
    checkThat(
      "where it is now",
      renamed.public_id === `bg-removed/${publicId}` && renamed.type === "upload",
      {
        expected: `upload, bg-removed/${publicId}`,
        seen: [renamed.type, renamed.public_id],
      },
    );
    check("the picture under its new name", { expected: 200, seen: await statusOf(renamed.secure_url) });
    check("the picture under its old name", { expected: 404, seen: await statusOf(asset.secure_url) });
    stage.done("approved: bg-removed/…, public");
    await mailed(stage, decided, "no-picture");
  },
};
