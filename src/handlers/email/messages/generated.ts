import { splitDeliveryUrl } from "../../../lib/cloudinary/delivery-url.ts";
import type { NotificationOf } from "../../../lib/notifications/notification.ts";
import type { MailFile, Message } from "../compose/message.ts";
import type { PictureRequest } from "../compose/picture.ts";
import { assetFacts, circumstances, count, measures, nameOf } from "./formatting.ts";
import { requestOf } from "./message-picture.ts";

type Generated = NotificationOf<"sprite" | "explode" | "multi" | "generate_archive">;

const maxPages = 20;

/** The message about files generated from other assets: a sprite, pages, an animation, an archive. */
export function generatedMessage(content: Generated): Message {
  const [asset] = content.assets;
  const items = filesOf(content);
  return {
    tone: "good",
    label: labels[content.type],
    headline: headlineOf(content, nameOfGenerated(content)),
    lead: leadOf(items.length),
    picture: pictureOf(content),
    failed: [],
    ready: items.length > 0 ? { title: "Files", items } : null,
    facts: [...assetFacts(asset), ...circumstances(content)],
  };
}

function leadOf(files: number): string {
  if (files === 0) return "Open it from the record.";
  return files === 1 ? "Open it with the link below." : "Open the files with the links below.";
}

/** An `explode` notification identifies its asset by id only; the URLs of its pages contain the public id. */
function nameOfGenerated(content: Generated): string {
  const [asset] = content.assets;
  const page = content.type === "explode" ? content.images[0]?.url : undefined;
  const name = asset?.public_id ?? (page === undefined ? undefined : splitDeliveryUrl(page)?.public_id);
  return nameOf(asset && name !== undefined ? { ...asset, public_id: name } : asset);
}

function pictureOf(content: Generated): PictureRequest | null {
  const [asset] = content.assets;
  if (content.type === "generate_archive") return null;
  const url = content.type === "explode" ? content.images[0]?.url : undefined;
  return requestOf(
    url === undefined ? asset : { identity: "", display_name: nameOf(asset), secure_url: url },
  );
}

const labels = {
  sprite: "Sprite",
  explode: "Explode",
  multi: "Animation",
  generate_archive: "Archive",
} as const;

function headlineOf(content: Generated, name: string): string {
  switch (content.type) {
    case "sprite":
      return `The sprite ${name} is ready, with ${count(content.images.length, "picture")}`;
    case "explode":
      return `${count(content.images.length, "page")} of ${name} ${content.images.length === 1 ? "is" : "are"} ready`;
    case "multi":
      return `${name} is ready`;
    case "generate_archive":
      return `The archive ${name} is ready${content.files === undefined ? "" : `, with ${count(content.files, "file")}`}`;
    default:
      return content satisfies never;
  }
}

function filesOf(content: Generated): MailFile[] {
  const [asset] = content.assets;
  switch (content.type) {
    case "sprite":
      return [
        { name: "Picture", detail: "", url: content.links.image ?? "" },
        { name: "CSS", detail: "", url: content.links.css ?? "" },
        { name: "JSON", detail: "", url: content.links.json ?? "" },
      ].filter(({ url }) => url !== "");
    case "explode":
      return content.images
        .slice(0, maxPages)
        .map((image, at) => ({ name: `Page ${at + 1}`, detail: measures(image), url: image.url ?? "" }));
    case "multi":
    case "generate_archive":
      return asset?.secure_url
        ? [{ name: nameOf(asset), detail: measures(asset), url: asset.secure_url }]
        : [];
    default:
      return content satisfies never;
  }
}
