import sharp from "sharp";
import { deliveryUrls } from "../delivery/delivery-url.ts";
import type { JsonObject } from "../json.ts";
import { encode, frameOf } from "../media/picture.ts";
import { rawInput } from "../media/size.ts";
import { formatIn, parseTransformation, withoutFormat } from "../media/transformation.ts";
import { notify } from "../notifications/notify.ts";
import type { Params } from "../params.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { newId } from "../store/store.ts";
import { collectionId, keepAsMade, keepGenerated, type Member, members } from "./collection.ts";
import { newBatchId } from "./eager.ts";

/** Gap between pictures, in pixels. */
const gap = 2;

/** `POST /image/sprite`: creates one PNG with the pictures stacked vertically, a style sheet and an index. */
export async function sprite(cloud: Cloud, params: Params): Promise<JsonObject> {
  const pictures = await members(cloud, params, spriteFormat(params).transformation);
  const placed = place(pictures);
  const public_id = collectionId(params);
  const { transformation, format } = spriteFormat(params);
  const { bytes, size } = await sheet(placed, format);
  const asset = await keepGenerated(cloud, {
    name: { resource_type: "image", type: "sprite", public_id },
    bytes,
    format,
    size,
  });
  const image_infos = Object.fromEntries(
    placed.map(({ name, x, y, width, height }) => [name, { width, height, x, y }]),
  );
  const shown = withoutFormat(transformation);
  const urls = await companions(cloud, asset, { placed, image_infos, transformation: shown });
  const answer = { ...urls, version: asset.version, asset_id: asset.asset_id, public_id, image_infos };
  notify(cloud, { type: "sprite", body: answer, notificationUrl: params.text("notification_url") ?? null });
  return params.flag("async") === true ? { status: "processing", batch_id: newBatchId() } : answer;
}

/** `w_100`, and the format from `f_jpg` or a parameter. */
function spriteFormat(params: Params): { transformation: string; format: string } {
  const transformation = params.text("transformation") ?? "";
  const format = formatIn(parseTransformation(transformation)) ?? params.text("format") ?? "png";
  return { transformation, format: format === "auto" ? "png" : format };
}

interface Placed extends Member {
  x: number;
  y: number;
  width: number;
  height: number;
}

function place(pictures: readonly Member[]): Placed[] {
  let y = 0;
  return pictures.map((member) => {
    const { width, height } = member.frame;
    const at = { ...member, x: 0, y, width, height };
    y += height + gap;
    return at;
  });
}

async function sheet(
  placed: readonly Placed[],
  format: string,
): Promise<{ bytes: Buffer; size: { width: number; height: number } }> {
  const last = placed.at(-1);
  const size = {
    width: Math.max(...placed.map((image) => image.width)),
    height: last === undefined ? 1 : last.y + last.height,
  };
  const canvas = sharp({ create: { ...size, channels: 4, background: "#ffffff00" } });
  const drawn = canvas.composite(
    placed.map((image) => ({ ...rawInput(image.frame), left: image.x, top: image.y })),
  );
  return { bytes: await encode([await frameOf(sharp(await drawn.png().toBuffer()))], format), size };
}

/** Stores the style sheet and the index as variants of the picture. */
async function companions(
  cloud: Cloud,
  asset: Asset,
  made: { placed: readonly Placed[]; image_infos: JsonObject; transformation: string },
): Promise<JsonObject> {
  const { transformation } = made;
  const image = deliveryUrls(cloud, asset, { transformation });
  const texts = {
    css: css(made.placed, image.url.replace(/^https?:/, "")),
    json: JSON.stringify(made.image_infos),
  };
  for (const [format, text] of Object.entries(texts)) {
    const bytes = Buffer.from(text);
    const file = await cloud.store.keep(bytes, format);
    asset.derived.push({ id: newId(), transformation, format, bytes: bytes.length, file });
  }
  await keepAsMade(cloud, asset, transformation);
  const styles = deliveryUrls(cloud, asset, { transformation, format: "css" });
  const table = deliveryUrls(cloud, asset, { transformation, format: "json" });
  return {
    css_url: styles.url,
    image_url: image.url,
    secure_css_url: styles.secure_url,
    secure_image_url: image.secure_url,
    json_url: table.url,
    secure_json_url: table.secure_url,
  };
}

function css(placed: readonly Placed[], imageUrl: string): string {
  const names = placed.map((image) => `.${className(image.name)}`);
  const rules = placed.map(
    (image, at) =>
      `${names[at]} {\n  background-position: ${image.x}px ${image.y === 0 ? 0 : -image.y}px;\n  width: ${image.width}px;\n  height: ${image.height}px;\n}`,
  );
  return `${names.join(", ")} {\n  background: url('${imageUrl}') no-repeat;\n}\n${rules.join("\n")}\n`;
}

/** `webhooks/email` becomes `.webhooks-email`; a URL is shortened to its last segments. */
function className(name: string): string {
  const path = URL.canParse(name)
    ? new URL(name).pathname
        .split("/")
        .slice(4)
        .join("/")
        .replace(/\.\w+$/, "")
    : name;
  return path.replace(/[^\w-]+/g, "-").replace(/^-*(?=\d)/, "_");
}
