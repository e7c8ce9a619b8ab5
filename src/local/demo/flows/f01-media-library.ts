import { productPicture } from "../../samples.ts";
import { check, checkThat } from "../check.ts";
import { statusOf } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";

export const mediaLibrary: Flow = {
  id: "F1",
  title: "Global notification URL",
  async play(stage) {
    const { receiver, sku } = stage;
    const publicId = stage.name("koi");
    await upload(stage, publicId);
    stage.sent("upload and delete in the Media Library");
    const uploaded = await stage.arrival({ type: "upload", publicId });
    delivered(uploaded, "pim", "done");
    const { triggeredBy } = uploaded.shown;
    checkThat("who did it, in the console", triggeredBy?.startsWith("ui") === true, {
      expected: "somebody at the page",
      seen: triggeredBy,
    });
    const images = await receiver.product(sku);
    check(`pictures of ${sku}`, { expected: [publicId], seen: images.map((image) => image.publicId) });
    check("its picture", { expected: 200, seen: await statusOf(images[0]?.secureUrl ?? "") });
    stage.done(`${sku} has the picture`);

    await press(stage, "delete", { asset_id: uploaded.assetId ?? "" });
    const deleted = await stage.arrival({ type: "delete", publicId });
    delivered(deleted, "pim", "done");
    const after = (await receiver.product(sku)).map((image) => image.publicId);
    check(`pictures of ${sku} after the delete`, { expected: [], seen: after });
    check("its picture after the delete", {
      expected: 404,
      seen: await statusOf(images[0]?.secureUrl ?? ""),
    });
    stage.done("and no picture after the delete");
  },
};

/** Like the form on the page: without a notification URL, so the triggers apply. */
async function upload(stage: Stage, publicId: string): Promise<void> {
  const file = new File([new Uint8Array(await productPicture())], "koi.png");
  await press(stage, "upload", { public_id: publicId, tags: `sku:${stage.sku}`, file });
}

async function press(
  { cloud, signal }: Stage,
  action: string,
  fields: Record<string, string | File>,
): Promise<void> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  const response = await fetch(`${cloud.localUrl}/library/${action}`, {
    method: "POST",
    headers: { origin: cloud.localUrl },
    body: form,
    redirect: "manual",
    signal,
  });
  check(`answer of the Media Library to ${action}`, { expected: 303, seen: response.status });
}
