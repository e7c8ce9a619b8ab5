import { productPicture, video } from "../../samples.ts";
import { check } from "../check.ts";
import { dataUri, visit } from "../cloud.ts";
import type { Flow } from "../flow.ts";

export const slideshow: Flow = {
  id: "F5",
  title: "Slideshow",
  async play(stage) {
    const { uploader, utils, apiUrl } = stage.cloud;
    const vase = stage.name("vase");
    const jug = stage.name("jug");
    const clip = stage.name("clip");
    const show = stage.name("show");
    await uploader.upload(dataUri(await productPicture()), { public_id: vase });
    await uploader.upload(dataUri(await productPicture("#3f7fc2")), { public_id: jug });
    await uploader.upload(dataUri(await video()), { public_id: clip, resource_type: "video" });
    const slides = [`i:${vase}`, `i:${jug}`, `v:${clip}`].map((media) => ({ media }));
    // The SDK removed this call in 2.10.1.
    const fields = utils.sign_request({
      timestamp: Math.floor(Date.now() / 1_000),
      public_id: show,
      notification_url: `${stage.url}/webhooks/upload`,
      manifest_json: JSON.stringify({ w: 320, h: 320, du: 6, vars: { sdur: 1_500, tdur: 500, slides } }),
    });
    const response = await fetch(`${apiUrl}/video/create_slideshow`, {
      method: "POST",
      body: new URLSearchParams(fields),
    });
    check("answer to create_slideshow", { expected: 200, seen: response.status });
    stage.sent("2 images and a video, create_slideshow by REST");

    const { pictures } = (await stage.arrival({ type: "upload", publicId: show })).shown;
    check("pictures in the console", { expected: ["video"], seen: pictures.map(({ kind }) => kind) });
    const seen = await visit(pictures[0]?.url ?? "");
    check("the video", { expected: [200, "video"], seen: [seen.status, seen.type.split("/")[0]] });
    stage.done("the video is shown and can be opened");
  },
};
