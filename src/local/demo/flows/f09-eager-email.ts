import { video } from "../../samples.ts";
import { check } from "../check.ts";
import { dataUri, visit } from "../cloud.ts";
import type { Flow } from "../flow.ts";
import { mailed } from "../mailed.ts";

export const eagerEmail: Flow = {
  id: "F9",
  title: "Eager video transformation, e-mail",
  async play(stage) {
    const { public_id } = await stage.cloud.uploader.upload(dataUri(await video()), {
      public_id: stage.name("clip"),
      resource_type: "video",
      eager: [{ width: 80, crop: "scale", format: "mp4" }],
      eager_async: true,
      eager_notification_url: `${stage.url}/webhooks/eager`,
    });
    stage.sent("video with eager_async");
    const eager = await stage.arrival({ type: "eager", publicId: public_id });
    const made = eager.shown.pictures.filter(({ kind }) => kind === "video");
    const seen = await visit(made.at(-1)?.url ?? "");
    check("the derived video", { expected: [200, "video"], seen: [seen.status, seen.type.split("/")[0]] });
    await mailed(stage, eager, "picture");
  },
};
