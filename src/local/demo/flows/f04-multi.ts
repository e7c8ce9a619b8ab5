import sharp from "sharp";
import { z } from "zod";
import { productPicture } from "../../samples.ts";
import { check } from "../check.ts";
import { dataUri, visit } from "../cloud.ts";
import type { Flow } from "../flow.ts";

const colours = ["#c2603f", "#3f7fc2", "#2f9e62"];
const answer = z.object({ asset_id: z.string() });

export const multi: Flow = {
  id: "F4",
  title: "GIF and video from tagged images",
  async play(stage) {
    const { uploader } = stage.cloud;
    const tag = stage.name("vases");
    const notification_url = `${stage.url}/webhooks`;
    for (const [at, colour] of colours.entries())
      await uploader.upload(dataUri(await productPicture(colour)), {
        public_id: stage.name(`${at}`),
        tags: [tag],
      });
    const gif = answer.parse(await uploader.multi(tag, { notification_url }));
    const video = answer.parse(await uploader.multi(tag, { format: "mp4", notification_url }));
    stage.sent(`${colours.length} images, multi as GIF and as mp4`);

    const animation = await shownPicture(gif.asset_id);
    check("frames of the GIF", {
      expected: ["image/gif", colours.length],
      seen: [animation.type, (await sharp(animation.bytes, { animated: true }).metadata()).pages],
    });
    const film = await shownPicture(video.asset_id);
    check("the video", { expected: [200, "video"], seen: [film.status, film.type.split("/")[0]] });
    stage.done("both are shown and can be opened");

    async function shownPicture(assetId: string) {
      const { pictures } = (await stage.arrival({ type: "multi", assetId })).shown;
      check("pictures in the console", { expected: 1, seen: pictures.length });
      return await visit(pictures[0]?.url ?? "");
    }
  },
};
