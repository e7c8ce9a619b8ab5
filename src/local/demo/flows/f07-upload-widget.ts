import { z } from "zod";
import { productPicture } from "../../samples.ts";
import { check, checkThat } from "../check.ts";
import { visit } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";

const usual = "track-with-webhook";
const presets = z.object({
  presets: z.array(
    z.object({
      name: z.string(),
      unsigned: z.boolean(),
      settings: z.looseObject({ notification_url: z.string().optional() }),
    }),
  ),
});

export const uploadWidget: Flow = {
  id: "F7",
  title: "Upload Widget, unsigned preset",
  async play(stage) {
    const { apiUrl, localUrl } = stage.cloud;
    const preset = await preparePreset(stage);
    const page = await visit(`${localUrl}/widget`);
    checkThat("the page with the widget", page.status === 200 && String(page.bytes).includes(usual), {
      expected: `200 and the preset ${usual}`,
      seen: [page.status, String(page.bytes).slice(0, 200)],
    });
    const publicId = stage.name("guest");
    const form = new FormData();
    form.set("file", new File([new Uint8Array(await productPicture("#3f7fc2"))], "guest.png"));
    form.set("upload_preset", preset);
    form.set("public_id", publicId);
    const response = await fetch(`${apiUrl}/auto/upload`, { method: "POST", body: form });
    check("answer to the unsigned upload", { expected: 200, seen: response.status });
    stage.sent(`unsigned upload by the preset ${preset}`);

    const uploaded = await stage.arrival({ type: "upload", publicId });
    delivered(uploaded, "pim", "done");
    check("the URL that it was meant for", { expected: null, seen: uploaded.unexpectedFor });
    const { pictures } = uploaded.shown;
    check("the picture in the console", {
      expected: 200,
      seen: (await visit(pictures[0]?.url ?? "")).status,
    });
    stage.done("it arrived, and is shown");
  },
};

/** The deck's name, unless somebody on this stack uses it for another address. Returns the name. */
async function preparePreset({ cloud, url, name, tidyBy }: Stage): Promise<string> {
  const notification_url = `${url}/webhooks/upload`;
  const there = presets.parse(await cloud.api.upload_presets()).presets.find((one) => one.name === usual);
  if (there?.unsigned && there.settings.notification_url === notification_url) return usual;
  const preset = there === undefined ? usual : name(usual).replaceAll("/", "-");
  await cloud.api.create_upload_preset({ name: preset, unsigned: true, notification_url });
  tidyBy(() => cloud.api.delete_upload_preset(preset));
  return preset;
}
