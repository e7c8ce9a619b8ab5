import { deliveryUrls } from "../delivery/delivery-url.ts";
import type { Cloud } from "../store/cloud.ts";
import type { Asset } from "../store/state.ts";
import { escaped, page } from "./page.ts";

export function libraryPage(cloud: Cloud): Response {
  const assets = cloud.store.state.assets.toReversed();
  const cards = assets.map((asset) => card(cloud, asset)).join("\n");
  return page(
    "Media Library (local)",
    `<form method="post" action="/library/upload" enctype="multipart/form-data">
<input type="file" name="file" required> <input name="public_id" placeholder="Public ID (optional)">
<input name="tags" placeholder="tags, with, commas"> <button>Upload</button></form>
<p>${assets.length} assets in the cloud <b>${escaped(cloud.cloudName)}</b>. What is done here sends notifications to the global triggers.</p>
<div class="cards">${cards}</div>`,
  );
}

function card(cloud: Cloud, asset: Asset): string {
  const { secure_url } = deliveryUrls(cloud, asset);
  const pending = asset.moderation.some((one) => one.status === "pending");
  const facts = [
    `${asset.resource_type}/${asset.type}`,
    `v${asset.version}`,
    ...(asset.access_control === null
      ? []
      : [`access: ${asset.access_control.map((rule) => rule.access_type).join(", ")}`]),
    ...asset.moderation.map((one) => `${one.kind}: ${one.status}`),
    ...asset.tags.map((tag) => `#${tag}`),
  ];
  return `<div class="card">${preview(asset)}<b><a href="${escaped(secure_url)}">${escaped(asset.public_id)}</a></b>
<small>${facts.map(escaped).join(" · ")}</small>
${pending ? button(asset, "approve") + button(asset, "reject") : ""}${button(asset, "delete")}</div>`;
}

function preview(asset: Asset): string {
  if (asset.resource_type === "raw") return '<div class="none">no preview</div>';
  const url = `/library/files/${asset.asset_id}`;
  return asset.resource_type === "video"
    ? `<video src="${url}" controls muted></video>`
    : `<img src="${url}" alt="" loading="lazy">`;
}

const button = (asset: Asset, action: string): string =>
  `<form method="post" action="/library/${action}"><input type="hidden" name="asset_id" value="${asset.asset_id}"><button>${action}</button></form>`;
