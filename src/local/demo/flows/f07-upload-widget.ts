import { z } from "zod";
import { productPicture } from "../../samples.ts";
import { check, checkThat, until } from "../check.ts";
import { visit } from "../cloud.ts";
import { delivered } from "../delivered.ts";
import type { Flow, Stage } from "../flow.ts";

const usual = "track-with-webhook";
/** A folder for visitors' uploads, with manual moderation. */
const forVisitors = { asset_folder: "visitors", moderation: "manual" };
const presets = z.object({
  presets: z.array(
    z.object({
      name: z.string(),
      unsigned: z.boolean(),
      settings: z.looseObject({ notification_url: z.string().optional(), moderation: z.string().optional() }),
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
    // A visitor's claim about products, which the receiver does not trust.
    form.set("context", `sku=${stage.sku}`);
    const response = await fetch(`${apiUrl}/auto/upload`, { method: "POST", body: form });
    check("answer to the unsigned upload", { expected: 200, seen: response.status });
    stage.sent(`unsigned upload with the preset ${preset} and sku=${stage.sku}`);

    const uploaded = await stage.arrival({ type: "upload", publicId });
    delivered(uploaded, "pim", "done");
    check("the URL that it was meant for", { expected: null, seen: uploaded.unexpectedFor });
    const { pictures } = uploaded.shown;
    check("the picture in the console", {
      expected: 200,
      seen: (await visit(pictures[0]?.url ?? "")).status,
    });
    check("pictures of the product before the approval", { expected: [], seen: await picturesOf(stage) });
    stage.done("received, shown in the console, and not assigned to a product");
    await approve(stage, publicId);
    await until("pictures of the product after the approval", {
      read: () => picturesOf(stage),
      holds: (seen) => seen.length === 1 && seen[0] === publicId,
      expected: publicId,
      signal: stage.signal,
    });
    stage.done("approved on the board: assigned to the visitor's product");
  },
};

async function picturesOf({ receiver, sku }: Stage): Promise<string[]> {
  return (await receiver.product(sku)).map((image) => image.publicId);
}

/** On the moderation board, by an operator of the receiver. */
async function approve({ receiver, signal }: Stage, publicId: string): Promise<void> {
  const pending = await until("the upload on the board", {
    read: async () => (await receiver.board("pending")).find((card) => card.publicId === publicId) ?? null,
    holds: (card) => card !== null,
    expected: publicId,
    signal,
  });
  if (pending !== null)
    await receiver.decide({ assetId: pending.assetId, version: pending.version, status: "approved" });
}

/** The deck's name, unless this stack already uses it for another URL. Returns the name. */
async function preparePreset({ cloud, url, name, restoreBy }: Stage): Promise<string> {
  const notification_url = `${url}/webhooks/public`;
  const there = presets.parse(await cloud.api.upload_presets()).presets.find((one) => one.name === usual);
  if (there?.unsigned && fits(there.settings, notification_url)) return usual;
  const preset = there === undefined ? usual : name(usual).replaceAll("/", "-");
  await cloud.api.create_upload_preset({ name: preset, unsigned: true, ...forVisitors, notification_url });
  restoreBy(() => cloud.api.delete_upload_preset(preset));
  return preset;
}

function fits(
  settings: { notification_url?: string | undefined; moderation?: string | undefined },
  url: string,
) {
  return settings.notification_url === url && settings.moderation === forVisitors.moderation;
}
