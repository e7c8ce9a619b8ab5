import { z } from "zod";
import { animatedGif } from "../../samples.ts";
import { check } from "../check.ts";
import { dataUri, visit } from "../cloud.ts";
import type { Flow } from "../flow.ts";

const frames = 6;

export const explode: Flow = {
  id: "F3",
  title: "Explode a GIF, sprite of its frames",
  async play(stage) {
    const { uploader, api } = stage.cloud;
    const notification_url = `${stage.url}/webhooks`;
    const { public_id, asset_id } = await uploader.upload(dataUri(await animatedGif()), {
      public_id: stage.name("ball"),
    });
    await uploader.explode(public_id, { page: "all", format: "png", notification_url });
    stage.sent("GIF, explode, generate_sprite of the frames");

    const { pictures } = (await stage.arrival({ type: "explode", assetId: asset_id })).shown;
    const seen = await Promise.all(pictures.map(({ url }) => visit(url)));
    check("frames in the console, each with its picture", {
      expected: Array.from({ length: frames }, () => [200, "image/png"]),
      seen: seen.map(({ status, type }) => [status, type]),
    });
    stage.done(`${frames} frames shown`);

    const urls = pictures.slice(0, 4).map(({ url }) => url);
    const made = z
      .object({ public_id: z.string() })
      .parse(await uploader.generate_sprite({ urls, notification_url }));
    stage.tidyBy(() => api.delete_resources([made.public_id], { type: "sprite" }));
    const sprite = await stage.arrival({ type: "sprite", publicId: made.public_id });
    const { links } = sprite.shown;
    const image = await visit(links.find(({ label }) => label === "image")?.url ?? "");
    check("sprite of four frames", { expected: [200, "image/png"], seen: [image.status, image.type] });
    stage.done("a sprite of 4 of them");
  },
};
