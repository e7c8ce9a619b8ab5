import sharp from "sharp";
import { logo, productPicture } from "../../samples.ts";
import { check, checkThat } from "../check.ts";
import { dataUri, statusOf, visit } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow } from "../flow.ts";
import { mailed } from "../mailed.ts";

export const pim: Flow = {
  id: "F6",
  title: "PIM after a watermark",
  async play(stage) {
    const { uploader } = stage.cloud;
    const mark = stage.name("logo");
    await uploader.upload(dataUri(await logo()), { public_id: mark });
    const { public_id, secure_url } = await uploader.upload(dataUri(await productPicture()), {
      public_id: stage.name("vase"),
      type: "private",
      context: { sku: stage.sku },
      eager: [
        { overlay: mark.replaceAll("/", ":"), gravity: "south_east", opacity: 60, width: 120, x: 24, y: 24 },
      ],
      eager_async: true,
      eager_notification_url: `${stage.url}/webhooks/eager`,
      notification_url: `${stage.url}/webhooks/upload`,
    });
    stage.sent("private upload, eager_async with a logo over it");

    delivered(await stage.arrival({ type: "upload", publicId: public_id }), "pim", "done");
    const eager = await stage.arrival({ type: "eager", publicId: public_id });
    delivered(eager, "pim", "done");
    const { pictures } = eager.shown;
    const images = await stage.receiver.product(stage.sku);
    check(`pictures of ${stage.sku}`, {
      expected: pictures.map(({ url }) => url),
      seen: images.map(({ secureUrl }) => secureUrl),
    });
    const derived = await visit(images[0]?.secureUrl ?? "");
    check("the derived picture", { expected: 200, seen: derived.status });
    const unsigned = secure_url.replace(/\/s--[^/]+--/, "");
    check("the private original, unsigned", { expected: 401, seen: await statusOf(unsigned) });
    const original = await visit(secure_url);
    const [plain, marked] = await Promise.all([original, derived].map(({ bytes }) => corner(bytes)));
    checkThat("the lower right corner", plain?.equals(marked ?? Buffer.alloc(0)) === false, {
      expected: "a logo over it",
      seen: "the same as without",
    });
    stage.done(`${stage.sku} has the watermarked picture`);
    await mailed(stage, eager, "picture");
  },
};

/** The pixels under the logo. */
async function corner(picture: Buffer): Promise<Buffer> {
  const { width, height } = await sharp(picture).metadata();
  return await sharp(picture)
    .extract({ left: width - 144, top: height - 144, width: 120, height: 120 })
    .removeAlpha()
    .raw()
    .toBuffer();
}
